/**
 * The baseline that later comparisons are compared with: the figures of one comparison, round by round, and the conditions they depend on.
 * The content of a file in `reports/baselines/`; any comparison can be converted to this form. Times are µs.
 */
import type { ClusterKind } from '../cluster-kind.ts'
import type { Environment } from '../plan.ts'

export interface Baseline {
  schema: 1
  /** The id of the comparison, which begins with the wall clock at its beginning: `20261124-120000`. */
  comparison: string
  rows: BaselineRow[]
}

/** One scenario × configuration. */
export interface BaselineRow {
  scenario: string
  configuration: string
  conditions: Conditions
  /** The judged rounds, in order. */
  rounds: BaselineRound[]
  /** Number of planned rounds without a verdict. */
  unjudged: number
}

/** The conditions, besides the configuration, that figures depend on. */
export interface Conditions {
  cluster: ClusterKind
  environment: Environment
  load: LoadConditions
  /** Images of the workload's containers, without those of nodrop's own pods. */
  images: { name: string; digest: string | null }[]
}

export interface LoadConditions {
  /** `null` for a closed loop, whose rate follows from its answers. */
  ratePerSecond: number | null
  /** For a closed loop; `null` for an open one. */
  connections: number | null
  drivers: number
  replicas: number
  via: string
  shares: string
  workMs: number
  thinkMs: number
  timeoutMs: number
  /** The default path of requests, without the query. This and the fields below are absent in older baselines. */
  path?: string
  requests?: string
  /** Minimum size of an answer of the sample application, in bytes; `null`: its own size. */
  responseBytes?: number | null
  connectTimeoutMs?: number
  bodyTimeoutMs?: number
  /** When clients close their kept connections. */
  reuse?: string
  tls?: string | null
  /** The steps of the scenario. */
  steps?: string
}

/** One disruption. */
export interface BaselineRound {
  round: number
  /** Number of requests that the disruption may have lost. */
  lost: number
  /** Number of sent requests. */
  sent: number
  /** Requests due while pods were replaced; `null` where the run does not separate them. */
  span: { due: number; lost: number } | null
  /** For good answers of all lanes; `null` where latencies may not be reported. */
  latency: { p50Us: number | null; p90Us: number | null; p99Us: number | null; maxUs: number | null } | null
  /** For the pod with the smallest margin; `null` where it is unknown. */
  margin: { us: number; errorUs: number } | null
}
