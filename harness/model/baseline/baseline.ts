/**
 * What later comparisons are held against: the figures of one comparison, round by round, and what they depend on. The content of a
 * file in `reports/baselines/`; any comparison can be brought into this form. Times are µs.
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
  /** Those that were judged, in order. */
  rounds: BaselineRound[]
  /** Rounds that were planned and gave no verdict. */
  unjudged: number
}

/** What figures depend on beside the configuration. */
export interface Conditions {
  cluster: ClusterKind
  environment: Environment
  load: LoadConditions
  /** Of the workload's containers: what is measured, not what it is measured with. */
  images: { name: string; digest: string | null }[]
}

export interface LoadConditions {
  /** `null` in a closed loop, whose rate follows from its answers. */
  ratePerSecond: number | null
  /** Of a closed loop; `null` in an open one. */
  connections: number | null
  drivers: number
  replicas: number
  via: string
  shares: string
  workMs: number
  thinkMs: number
  timeoutMs: number
  /** Of the requests that have none of their own, without the query. Absent, as are those below: the baseline is older than that. */
  path?: string
  requests?: string
  /** How large an answer of the sample application is made; `null`: its own size. */
  responseBytes?: number | null
  connectTimeoutMs?: number
  bodyTimeoutMs?: number
  /** When clients close their kept connections. */
  reuse?: string
  tls?: string | null
  /** What is done while the load goes on. */
  steps?: string
}

/** One disruption. */
export interface BaselineRound {
  round: number
  /** Requests that the disruption may have lost. */
  lost: number
  /** Requests that were sent. */
  sent: number
  /** Of those that were due while pods were replaced; `null` where the run cannot tell them apart. */
  span: { due: number; lost: number } | null
  /** Of good answers, all lanes; `null` where latencies may not be told. */
  latency: { p50Us: number | null; p90Us: number | null; p99Us: number | null; maxUs: number | null } | null
  /** Of the pod with the least margin; `null` where it is not known. */
  margin: { us: number; errorUs: number } | null
}
