/** What was concluded from one event log: the content of `analysis.json`. Times are µs on the run's clock. */
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

/** Whether the log tells of the whole run. `unreadable`: its plan or a line of its log is damaged. */
export type LogCompleteness = 'complete' | 'cut-short' | 'never-began' | 'unreadable'

export interface Analysis {
  schema: 1
  runId: string
  scenario: string
  configuration: string
  cluster: ClusterKind
  round: number
  ending: LogCompleteness
  /** Of the workload's lanes, like every other figure here but what is named `control`. */
  ledger: Ledger
  /**
   * Requests that the log only counts, and above what latency it keeps them one by one; `null` where it has all. No count, no loss and no
   * longest time depends on it; the other quantiles may be too high by the share `precision`, outages of a closed loop off by 100 ms.
   */
  aggregated: { requests: number; slowUs: number; precision: number } | null
  /** Of the lane to the pod that nothing disrupts; `null` where there was none. */
  control: Ledger | null
  /** What other load tools would have told of the same requests. */
  tools: ToolReport[]
  lanes: LaneResult[]
  /** Of each request of a list, in its order; absent where there are not several. */
  requests?: RequestResult[]
  /** Latency of `ok` requests of all the workload's lanes, from the instant they were due. */
  latency: Quantiles
  phases: PhaseSpan[]
  losses: Loss[]
  /** How many of these each client would have sent again; those that would have sent none are left out. */
  retriedBy: Partial<Record<RetryingClient, number>>
  /** Who caused them; `null` where the load did not come through an ingress controller. */
  lossOrigins: LossOrigins | null
  /** How well it is known which pod each request was of. */
  attribution: Attribution
  pods: PodTimeline[]
  /** Of every pod that left, in the order of their deletion. */
  endpointLags: EndpointLag[]
  /** What the disruption cost. */
  lossFigures: LossFigures
  /** Of every pod that left after the disruption began and had been ready, in the order of their deletion. */
  margins: PodMargin[]
  /** What the servers' own logs say of the requests; `null` where none was read. */
  servers: ServerLogFindings | null
  /** Of the pods that lost requests. */
  logExcerpts: AccessLogExcerpt[]
  /** What the kernel counted in the pods' network namespaces; `null` where that cannot be read. */
  network: NetworkTotals | null
  outages: Outage[]
  /** Of `ok` requests, like latency. */
  waited: DelayedAnswers
  /** How late requests were sent after they were due. */
  sendLag: Quantiles
  /** Latency and losses over time, for the charts. */
  buckets: TimeBucket[]
  bucketUs: number
  /** Of each phase in which a request was answered well. */
  latencyCurves: LatencyCurve[]
  /** What must hold, and whether it does, the weightiest first. */
  claims: ClaimResult[]
  /** What may not be concluded, because a claim on which it rests does not hold. */
  voided: Conclusion[]
  /** Of a demonstration, whether it did what it is there to show; `null` for any other configuration, of which gates decide. */
  hypothesis: { expects: Expectation; held: boolean | null } | null
  /** What became of each gate: of the plan's, or of the one that a configuration has that says neither gates nor an expectation. */
  gates: GateResult[]
  verdict: Verdict
  /** The reasons of the verdict, the weightiest first. Never empty. */
  because: string[]
  /** The run in one sentence that could be proved false. */
  sentence: string
}

export interface GateResult {
  gate: Gate
  /** In the gate's unit; `null` where there was nothing to measure. */
  measured: number | null
  /** `null`: the evidence for either is missing. */
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
  /** Of those that were lost. */
  outcomes: Partial<Record<Outcome, number>>
}

export interface Loss {
  request: RequestRecord
  outcome: Outcome
  /** When it was lost. The phase, the moment and the times since other moments are told for this instant. */
  lostUs: number
  lostBy: LostBy
  /** In which it was lost: a request that was due before the disruption may have been under way when it came. */
  phase: Phase | null
  pod: string | null
  attributedBy: AttributedBy | null
  /** Where several pods cannot be ruled out, all of them, the likeliest first: that one is `pod`, and `attributedBy` is null. */
  candidates: string[]
  /**
   * Whether the Service had no pod to which the request could have been sent: then it certainly belongs to none, or possibly; else `null`.
   */
  podless: 'certain' | 'possible' | null
  /** The latest moment in the pod's life before the loss, and the µs between. */
  moment: (Observation & { name: PodMoment; container: string | null; sinceUs: number }) | null
  /** µs from these moments to the loss, negative when it came before; `null` where the moment is not known. */
  sinceDeletionUs: number | null
  /** Of the signal in `stop`; where it has none, of the first that one of the pod's containers got afterwards. */
  sinceSignalUs: number | null
  sinceEndpointRemovedUs: number | null
  /** Which container had been stopped last by then, and how; `null` where none is known to have been. */
  stop: LossStop | null
  /** Clients and proxies that would have sent it again, by their own rules. */
  retriedBy: RetryingClient[]
  /** `null` where it did not come through an ingress controller. */
  origin: LossOrigin | null
  /** What the servers' logs have of it; `null` where none was read. */
  served: { fate: ServedFate; lines: PodAccessLogEntry[] } | null
}

/** When something happened, give or take `errorUs`, and who says so: `watch` is the news of a change that the API has accepted. */
export interface Observation {
  atUs: number
  errorUs: number
  source: MomentSource | 'watch'
  /** A signal's name, an exit code, a probe's problem. */
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
  /** When the kernel led the last new connection to it, whatever became of that; `null` where nobody told of all of them. */
  lastLedUs: number | null
  containers: ContainerTimeline[]
}

export interface ContainerTimeline {
  name: string
  moments: (Observation & { moment: ContainerMoment })[]
  /** What went wrong when it was stopped because its pod was deleted. */
  faults: StopFault[]
}
