/** The conclusions from one event log: the content of `analysis.json`. Times are µs on the run's clock. */
import type { ClaimResult, Conclusion } from './claims.ts'
import type { AttributedBy, Attribution, LossOrigin, LossOrigins, LossStop, LostBy, StopFault } from './loss.ts'
import type { Outage, DelayedAnswers } from './outage.ts'
import type { ClusterKind } from './cluster-kind.ts'
import type { LatencyCurve, TimeBucket } from './figures/latency.ts'
import type { LossFigures } from './figures/loss-figures.ts'
import type { EndpointLag, PodMargin } from './figures/margin.ts'
import type { Gate } from './gates/gates.ts'
import type { Lane, Phase, PhaseSpan } from './load/lanes.ts'
import type { Expectation } from './plan.ts'
import type { ContainerMoment, MomentSource, NotSentReason, Outcome, RequestRecord } from './record.ts'
import type { RetryingClient } from './tools/retrying-clients.ts'
import type { ToolReport } from './tools/tool-report.ts'
import type {
  AccessLogExcerpt,
  NetworkTotals,
  ServedFate,
  PodAccessLogEntry,
  ServerLogFindings,
} from './server-logs.ts'

export type { Phase, PhaseSpan } from './load/lanes.ts'

export type Verdict = 'passed' | 'failed' | 'unknown'

/** Whether the log covers the whole run. `unreadable`: its plan or a line of its log is damaged. */
export type LogCompleteness = 'complete' | 'cut-short' | 'never-began' | 'unreadable'

export interface Analysis {
  schema: 1
  runId: string
  scenario: string
  configuration: string
  cluster: ClusterKind
  round: number
  ending: LogCompleteness
  /** For the workload's lanes, like every other figure here whose name does not contain `control`. */
  ledger: Ledger
  /**
   * Requests that the log only counts, and the latency above which it keeps them as records; `null` if it has all. Counts, losses and
   * longest times are exact all the same; other quantiles may be too high by the share `precision`, and outages of a closed loop off by 100
   * ms.
   */
  aggregated: { requests: number; slowUs: number; precision: number } | null
  /** For the lane to the pod that nothing disrupts; `null` without one. */
  control: Ledger | null
  /** What other load tools would have reported about the same requests. */
  tools: ToolReport[]
  lanes: LaneResult[]
  /** For each listed request, in order; absent if there are not several. */
  requests?: RequestResult[]
  /** Latency of `ok` requests of all the workload's lanes, from the instant they were due. */
  latency: Quantiles
  phases: PhaseSpan[]
  losses: Loss[]
  /** How many of these each client would have retried; clients without any are left out. */
  retriedBy: Partial<Record<RetryingClient, number>>
  /** What failed them; `null` if the load did not come through an ingress controller. */
  lossOrigins: LossOrigins | null
  /** How certain it is which pod each request belonged to. */
  attribution: Attribution
  pods: PodTimeline[]
  /** For every pod that left, in the order of deletion. */
  endpointLags: EndpointLag[]
  /** The cost of the disruption. */
  lossFigures: LossFigures
  /** For every pod that left after the disruption began and had been ready, in the order of deletion. */
  margins: PodMargin[]
  /** What the servers' own logs show about the requests; `null` if none was read. */
  servers: ServerLogFindings | null
  /** From the pods that lost requests. */
  logExcerpts: AccessLogExcerpt[]
  /** The kernel's counters in the pods' network namespaces; `null` if they cannot be read. */
  network: NetworkTotals | null
  outages: Outage[]
  /** For `ok` requests, like latency. */
  waited: DelayedAnswers
  /** How late requests were sent after they were due. */
  sendLag: Quantiles
  /** Latency and losses over time, for the charts. */
  buckets: TimeBucket[]
  bucketUs: number
  /** For each phase in which a request was answered well. */
  latencyCurves: LatencyCurve[]
  /** What must hold, and whether it does, most important first. */
  claims: ClaimResult[]
  /** What may not be concluded, because a claim that it depends on does not hold. */
  voided: Conclusion[]
  /** For a demonstration, whether its hypothesis held; `null` for any other configuration, for which gates decide. */
  hypothesis: { expects: Expectation; held: boolean | null } | null
  /** The result of each gate: of the plan's, or of the default gate for a configuration with neither gates nor an expectation. */
  gates: GateResult[]
  verdict: Verdict
  /** The reasons of the verdict, most important first. Never empty. */
  because: string[]
  /** The run in one sentence that can be proved false. */
  sentence: string
}

export interface GateResult {
  gate: Gate
  /** In the gate's unit; `null` if nothing could be measured. */
  measured: number | null
  /** `null`: there is no evidence for either. */
  met: boolean | null
  /** In one line, without a final period. */
  says: string
}

/** `planned = sent + Σ notSent` and `sent = Σ outcomes`; `lost` is every sent request whose outcome is not `ok`. */
export interface Ledger {
  planned: number
  sent: number
  notSent: Record<NotSentReason, number>
  ok: number
  lost: number
  outcomes: Record<Outcome, number>
  balanced: boolean
}

/** `p999Us` is null below 2,995 samples, too few to bound it at 95 %. */
export interface Quantiles {
  count: number
  p50Us: number | null
  p90Us: number | null
  p99Us: number | null
  p999Us: number | null
  maxUs: number | null
}

export interface LaneResult {
  lane: Lane
  sent: number
  ok: number
  lost: number
  /** Latency of `ok` requests from the instant they were due. */
  latency: Quantiles
  byPhase: Record<Phase, Quantiles>
}

/** One request of a list that the workload's lanes share. */
export interface RequestResult {
  name: string
  weight: number
  sent: number
  lost: number
  /** The outcomes of the lost ones. */
  outcomes: Partial<Record<Outcome, number>>
}

export interface Loss {
  request: RequestRecord
  outcome: Outcome
  /** When it was lost. The phase, the moment and the times since other moments refer to this instant. */
  lostUs: number
  lostBy: LostBy
  /** The phase in which it was lost: a request that was due before the disruption may have been in flight when it came. */
  phase: Phase | null
  pod: string | null
  attributedBy: AttributedBy | null
  /** If several pods are possible, all of them, likeliest first: the first one is `pod`, and `attributedBy` is null. */
  candidates: string[]
  /**
   * Whether the Service had no pod to which the request could have been sent: then it certainly, or possibly, belongs to none; else `null`.
   */
  podless: 'certain' | 'possible' | null
  /** The latest moment in the pod's life before the loss, and the µs between. */
  moment: (Observation & { name: PodMoment; container: string | null; sinceUs: number }) | null
  /** µs from these moments to the loss, negative if the loss came before; `null` if the moment is unknown. */
  sinceDeletionUs: number | null
  /** Since the signal in `stop`; without one there, since the first later signal of one of the pod's containers. */
  sinceSignalUs: number | null
  sinceEndpointRemovedUs: number | null
  /** The container that had been stopped last by then, and how; `null` if none is known. */
  stop: LossStop | null
  /** Clients and proxies that would have retried it, by their own rules. */
  retriedBy: RetryingClient[]
  /** `null` if it did not come through an ingress controller. */
  origin: LossOrigin | null
  /** The servers' log entries about it; `null` if no log was read. */
  served: { fate: ServedFate; lines: PodAccessLogEntry[] } | null
}

/** When something happened, with its error, and the source: `watch` is the news of a change that the API has accepted. */
export interface Observation {
  atUs: number
  errorUs: number
  source: MomentSource | 'watch'
  /** The name of a signal, an exit code, or a probe's problem. */
  detail: string | null
}

export type PodMoment =
  | 'created'
  | 'ready'
  | 'deletion'
  | 'endpoint-removed'
  | 'removed-from-proxy'
  | 'gone'
  | Exclude<ContainerMoment, 'ready' | 'not-ready'>

export interface PodTimeline {
  pod: string
  node: string | null
  /** True when the pod ran before the disruption began. */
  old: boolean
  createdUs: number | null
  readyUs: number | null
  deletionUs: number | null
  /** The EndpointSlice from which on it was never shown ready again. */
  endpointRemovedUs: number | null
  /** When the service proxy stopped sending it new connections. */
  removedFromProxyUs: number | null
  goneUs: number | null
  /** When the last new connection was made on which it answered. */
  lastFreshUs: number | null
  /** When the kernel sent the last new connection to it, whatever its outcome; `null` if not all were reported. */
  lastLedUs: number | null
  containers: ContainerTimeline[]
}

export interface ContainerTimeline {
  name: string
  moments: (Observation & { moment: ContainerMoment })[]
  /** What went wrong when it was stopped for the deletion of its pod. */
  faults: StopFault[]
}
