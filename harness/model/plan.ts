/** The plan of a run, resolved before anything is created; `plan.json` has all of it but values of headers (see log/format-plan.ts). */
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
  /** Performed one after another from the moment at which the load has begun. */
  steps: readonly ScenarioStep[]
  /** Limit from the first disruption until the workload has settled after the last, beyond which the verdict is `unknown`. */
  limitMs: number
}

/** Whether a demonstration should lose requests when it is disrupted. */
export type Expectation = NonNullable<Configuration['expects']>

/** A million requests take about 20 MB once the log is closed, and 250 MB of memory while it is judged. */
export const defaultFullRecords = 2_000_000

/** Maximum number of runs in a comparison; a missing run takes space in the report too. */
export const maxRuns = 10_000
/** Maximum number of drivers in one log. */
export const maxDrivers = 100

export interface RunPlan {
  schema: 1
  /** Also the name of the run's directory; safe in file names, labels and namespaces. */
  runId: string
  scenario: Scenario
  configuration: Configuration
  workload: Workload
  cluster: ClusterKind
  /** The number of drivers that share the load: driver n, from 0, takes the places n, n + drivers, n + 2·drivers … of the plan. */
  drivers: number
  via: Via
  /** Maximum number of requests that the event log keeps as single records; default: `defaultFullRecords`. */
  fullRecords?: number
  /** Whether the kernel reports the pod of each connection; absent: where possible. */
  connectionTracking?: false
  /** The place in the plan of the load from which on requests belong to this run, for an episode of a watch. Absent: 0. */
  firstSeq?: number
  /** 1, 2, … within its comparison. */
  round: number
  /** 2, 3, … if the round is repeated because its earlier runs were disturbed; absent: the first. */
  attempt?: number
  seed: number
  environment: Environment
  /** If it was measured before for such a workload on such a cluster and machine. */
  capacity?: KnownCapacity
  /** Fields of the workload's pods that have no effect on the cluster, such as `containers.resources.limits`; absent: none. */
  keptFields?: string[]
  /** Absent until the deployment is over, and in older plans. */
  deployed?: Deployed
}

/** `comparison.json`: every run of a comparison, on disk before the first of them begins. */
export interface ComparisonPlan {
  schema: 1
  /** Also the name of the comparison's directory. */
  id: string
  /** Each round is a block: every cell once, in an order that the seed decides. With `untilDecided`, the rounds that have begun. */
  rounds: number
  seed: number
  /** Rounds continue until every pair of cells is decided or this time is over; absent: their number is fixed. */
  untilDecided?: { maxMs: number }
  /** Maximum number of rounds of a cell that may be repeated. */
  mostRepeats: number
  /** Each scenario × configuration, with everything that its runs share. */
  cells: CellPlan[]
  /** In the order in which they are run. */
  runs: CellRun[]
  /** Rounds that are run again, each recorded before it begins. */
  repeats: (CellRun & { attempt: number; because: string })[]
}

export type CellPlan = Omit<RunPlan, 'schema' | 'runId' | 'round' | 'attempt' | 'seed' | 'deployed'>

export interface CellRun {
  /** Relative to the comparison's directory. */
  dir: string
  runId: string
  /** Index into the comparison's cells. */
  cell: number
  round: number
  seed: number
}
