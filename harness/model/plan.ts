/** What is asked of a run, resolved before anything is created; `plan.json` has it all but values of headers (see log/format-plan.ts). */
import type { ClusterKind } from './cluster-kind.ts'
import type { Deployed } from './deployed.ts'
import type { Configuration, Environment, KnownCapacity, LoadPlan, Via } from './plan-schema.ts'
import type { ScenarioStep } from './steps/steps.ts'
import type { Workload } from './workload.ts'

export { lanes, workloadLanes } from './load/lanes.ts'
export type { Lane, WorkloadLane } from './load/lanes.ts'
export type { Configuration, Environment, KnownCapacity, LoadPlan, Via } from './plan-schema.ts'

export interface Scenario {
  name: string
  summary: string
  replicas: number
  load: LoadPlan
  /** Done one after another from the moment at which the load has begun. */
  steps: readonly ScenarioStep[]
  /** From the first disruption until the workload has settled after the last: beyond it the verdict is `unknown`. */
  limitMs: number
}

/** Whether a demonstration is expected to lose requests when it is disrupted. */
export type Expectation = NonNullable<Configuration['expects']>

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
  workload: Workload
  cluster: ClusterKind
  /** So many drivers share the load: the one numbered n, from 0, takes the places n, n + drivers, n + 2·drivers … of the plan. */
  drivers: number
  via: Via
  /** So many requests the event log keeps one by one, whatever becomes of them; `defaultFullRecords` without a word. */
  fullRecords?: number
  /** Whether the kernel is asked to which pod it leads each connection; absent: where it can be. */
  connectionTracking?: false
  /** Place in the plan of the load from which on requests are this run's: of an episode of a watch, whose load goes on. Absent: 0. */
  firstSeq?: number
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
  /** Each is a block: every cell once, in an order that the seed decides. Those that have begun, where they go on until all is decided. */
  rounds: number
  seed: number
  /** Rounds go on until every pair of cells is decided, or this time is used up; absent: there are as many as were asked for. */
  untilDecided?: { maxMs: number }
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
