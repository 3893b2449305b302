/** What is asked of a run, resolved before anything is created; `plan.json` has it all but values of headers (see log/format-plan.ts). */
import type { RequestPlan, ReusePlan, TlsPlan } from './client.ts'
import type { Deployed } from './deployed.ts'

/** One kind of client behaviour under load of the workload. */
export type WorkloadLane = 'fresh' | 'reused' | 'reused-post'
/**
 * Beside the workload's lanes one to a pod that nothing disrupts, from the same driver and on the same ways: what is lost in
 * `control` the network or the machine has lost, and maybe more of the others' (law 6).
 */
export type Lane = WorkloadLane | 'control'
export const workloadLanes: readonly WorkloadLane[] = ['fresh', 'reused', 'reused-post']
export const lanes: readonly Lane[] = [...workloadLanes, 'control']

/** What is done to the pods while the load goes on. */
export type Disruption =
  /** Annotates the pod template, as `kubectl rollout restart` does. */
  | { kind: 'rollout-restart' }
  | { kind: 'scale'; to: number }
  /** Asks the Eviction API to remove every pod that runs when the disruption begins; `budget` adds a PodDisruptionBudget. */
  | { kind: 'evict'; budget?: { maxUnavailable: number } }

export interface Scenario {
  name: string
  summary: string
  disruption: Disruption
  replicas: number
  load: LoadPlan
  phases: PhasePlan
}

export interface LoadPlan {
  /** Requests due per second, over the workload's lanes. */
  ratePerSecond: number
  /** In place of the rate, a closed loop: another engine keeps so many requests in flight. */
  closedLoop?: { engine: 'autocannon'; connections: number }
  /** Share of the rate for each lane; the shares sum to 1. */
  shares: Record<WorkloadLane, number>
  /** Requests per second of the lane `control`, beside the rate; absent or 0: there is no such lane, nor its pod. */
  controlPerSecond?: number
  /** How long the application works on each request. */
  workMs: number
  /** How long a kept connection stays idle between two requests, at least. */
  thinkMs: number
  /** Without a response's headers after this time the outcome is `timeout-headers`. */
  timeoutMs: number
  /** From the end of the headers to that of the body; absent: as long again. */
  bodyTimeoutMs?: number
  /** For a connection to come about; absent: as long as for the headers. */
  connectTimeoutMs?: number
  /** The body that the sample application is asked for has at least so many bytes; absent: a line that tells who answered. */
  responseBytes?: number
  /** What a lane sends where it is not a GET, or in `reused-post` a POST of 64 bytes. */
  requests?: Partial<Record<WorkloadLane, RequestPlan>>
  /** Absent: plain HTTP. */
  tls?: TlsPlan
  /** How clients treat their kept connections; absent: `defaultReuse`. */
  reuse?: Partial<ReusePlan>
}

export interface PhasePlan {
  /** Undisturbed load before the disruption. */
  beforeMs: number
  /** Undisturbed load after the last old container is gone. */
  afterMs: number
  /** The disruption and the end of the old pods must fit in this time, else the verdict is `unknown`. */
  limitMs: number
}

/** Whether a configuration is expected to lose requests when it is disrupted. */
export type Expectation = 'loses' | 'loses-none'

export interface Configuration {
  name: string
  expects: Expectation
  /** One sentence, the first comment of the manifest. */
  hypothesis: string
  /** Identifiers of the pitfall catalogue, for example `A2`. */
  pitfalls: string[]
}

export type ClusterKind = 'local' | 'kind' | 'kubeconfig'

/** The way of the load from a driver to the workload. */
export type Via =
  /** To the cluster IP of its Service. */
  | { kind: 'service' }
  /** To the Service's port of a node. */
  | { kind: 'nodeport' }
  /** Through the cluster's ingress controller, which tells the workload by this host name. */
  | { kind: 'ingress'; host: string; port: number }

/** A million requests take about 20 MB once the log is closed, and 250 MB of memory while it is judged. */
export const defaultFullRecords = 2_000_000

/** Of a comparison; a run that is missing has its place in the report as well. */
export const maxRuns = 10_000
/** As many drivers as one log is meant for. */
export const maxDrivers = 100

export interface RunPlan {
  schema: 1
  /** Also the name of the run's directory; safe in file names, labels and namespaces. */
  runId: string
  scenario: Scenario
  configuration: Configuration
  cluster: ClusterKind
  /** So many drivers share the load: the one numbered n, from 0, takes the places n, n + drivers, n + 2·drivers … of the plan. */
  drivers: number
  via: Via
  /** So many requests the event log keeps one by one, whatever becomes of them; `defaultFullRecords` without a word. */
  fullRecords?: number
  /** 1, 2, … within its comparison. */
  round: number
  /** 2, 3, … where the round is repeated because its runs before were disturbed; absent: the first. */
  attempt?: number
  seed: number
  environment: Environment
  /** Where it was measured before, of such a workload on such a cluster and machine. */
  capacity?: KnownCapacity
  /** Fields that the workload's pods set and the cluster keeps without effect, `containers.resources.limits`; absent: none. */
  keptFields?: string[]
  /** Absent until the deployment is over, and in plans of the time when it was not kept. */
  deployed?: Deployed
}

/** `comparison.json`: every run that a comparison consists of, on disk before the first of them begins. */
export interface ComparisonPlan {
  schema: 1
  /** Also the name of the comparison's directory. */
  id: string
  rounds: number
  seed: number
  /** So many rounds of a cell may be repeated, at most. */
  mostRepeats: number
  /** Each scenario × configuration, with all that its runs have in common. */
  cells: CellPlan[]
  /** In the order in which they are run. */
  runs: CellRun[]
  /** Rounds that are run again, each added before it begins. */
  repeats: (CellRun & { attempt: number; because: string })[]
}

export type CellPlan = Omit<RunPlan, 'schema' | 'runId' | 'round' | 'attempt' | 'seed' | 'deployed'>

export interface CellRun {
  /** Within the comparison's directory. */
  dir: string
  runId: string
  /** Index into the comparison's cells. */
  cell: number
  round: number
  seed: number
}

/** At which rate a workload's p99 doubles. */
export interface KnownCapacity {
  /** `null` where that is above what could be tried. */
  kneePerSecond: number | null
  /** The highest rate at which it was seen not to have doubled. */
  belowPerSecond: number
  /** Wall clock, ISO 8601. */
  measured: string
}

/** What the figures depend on beside the plan. */
export interface Environment {
  nodrop: string
  node: string
  kernel: string
  cpus: number
  cpuModel: string
  kubernetes: string
  /** Whether idle processors were kept from sleeping while the load went on; absent: they were not. */
  coresAwake?: boolean
  /**
   * On the embedded cluster: whether its driver went before everything else on the machine, or, for want of a right, only before the
   * workload; absent elsewhere.
   */
  driverBefore?: 'all' | 'workload'
}
