/** What was concluded from the runs of a comparison: the rows of its table. Times are µs. */
import type { ClusterKind } from './cluster-kind.ts'
import type { RoundFigure, RowLossFigures } from './figures/loss-figures.ts'
import type { RowMargin } from './figures/margin.ts'
import type { Gate } from './gates/gates.ts'
import type { Expectation, WorkloadLane } from './plan.ts'
import type { Outcome } from './record.ts'
import type { Verdict } from './result.ts'
import type { RetryingClient } from './tools/retrying-clients.ts'
import type { ToolReport } from './tools/tool-report.ts'

/** One scenario × configuration × cluster over all its rounds. Figures are of the rounds that were judged. */
export interface ComparisonRow {
  scenario: string
  configuration: string
  cluster: ClusterKind
  /** What a demonstration is there to show; `null`: it is none, and gates decide. */
  expects: Expectation | null
  /** What decides in place of the expectation; absent: nothing does. */
  gates?: readonly Gate[]
  /** The configuration that this one is, played under another name to see whether the machine differs. */
  sameAs?: string
  /** Every round that was planned, in order. */
  rounds: RoundResult[]
  judged: number
  roundsWithLoss: number
  sent: number
  lost: number
  /** What a round's disruption is called: `rollout`, `eviction`; `run` where it is several. */
  noun: string
  /** Requests that the disruption of a round may have lost; `null` where no round was judged. */
  lostPerDisruption: RoundFigure | null
  lossFigures: RowLossFigures
  /** `null` where it is known of no pod. */
  margin: RowMargin | null
  /** The margin in a few words: `3.9 s to spare`, `nobody listened for 0.95 s`, `answered 502 for 4.8 s`; `null` where it is not known. */
  marginText: string | null
  /** Why requests were lost, or why none was: sentences with a period, made from what was seen alone, the weightiest first. */
  cause: string[]
  /** Outcomes other than `ok` that occurred, with their counts, the most frequent first. */
  outcomes: { outcome: Outcome; count: number }[]
  /** What other load tools would have told of the same requests, of all judged rounds. */
  tools: ToolReport[]
  /** How many of the lost requests each of these would have sent again, those that would have sent any. */
  retriedBy: Partial<Record<RetryingClient, number>>
  /** What was sent and lost by lane, of all judged rounds: shares depend on how many of a load's requests each lane has. */
  lanes: LaneLosses[]
  /** In an open loop latency counts from the instant a request was due, in a closed one from its sending: not to be compared. */
  loop: 'open' | 'closed'
  /** The median over rounds of each round's quantile, all lanes, `ok` requests; of the rounds whose latencies may be told. */
  p50Us: number | null
  p99Us: number | null
  longestOutageUs: number
  /** Requests that were answered well, and late, of all judged rounds. */
  waited: number
  longestWaitUs: number
  result: RowResult
  /** Which rounds were left out, are missing or were repeated, and why; `null` where every round was judged at once. */
  account: string | null
  sentence: string
}

/** `sent` and `lost` of one lane. */
export interface LaneLosses {
  lane: WorkloadLane
  sent: number
  lost: number
}

/**
 * What a row comes to, concluded in one place: badges, sentences, the headline, JUnit and the exit code are all read from it.
 * `failed`: a round has lost requests, whatever became of the others.
 */
export type RowResult = {
  /** The reasons, the weightiest first. Never empty. */
  because: string[]
  /** Rounds of which no run went through to its end. */
  missing: number
  verdict: Verdict
  /** Whether the configuration kept its gates or, where it has none, did what was expected of it; `null`: that is undecided. */
  held: boolean | null
  /** Of gates that only warn: those that were not kept, or cannot be judged, in words. Absent: none. */
  warnings?: string[]
}

/**
 * What became of a round. `left-out`: it went through to its end, each time it was tried, but nothing can be concluded from it.
 * `contradicted`: as that, and what was seen of it contradicts itself, which no busy machine explains. `missing`: it did not happen, was
 * cut short or cannot be read.
 */
export type RoundResult = {
  round: number
  /** The ids of its runs, in order: more than one where it was repeated. */
  runIds: string[]
  /** The run that counts: the one that was judged, else the last that went through, else the last. */
  runId: string
  /** Of that run. */
  sent: number
  lost: number
  /** As of its analysis; absent: it may not be told. */
  latency?: { p50Us: number; p99Us: number }
} & (
  | { state: 'judged'; verdict: 'passed' | 'failed' }
  | { state: 'left-out' | 'contradicted' | 'missing'; because: string }
)

/** Whether rows must say their scenario and cluster, because these are not the same for all. */
export function hasSeveralPlaces(rows: readonly Pick<ComparisonRow, 'scenario' | 'cluster'>[]): boolean {
  return new Set(rows.map(({ scenario, cluster }) => `${scenario} ${cluster}`)).size > 1
}

/** `graceful`; with its place `graceful (eviction, local)`. */
export function formatConfiguration(
  { configuration, scenario, cluster }: Pick<ComparisonRow, 'configuration' | 'scenario' | 'cluster'>,
  showPlace: boolean,
): string {
  return showPlace ? `${configuration} (${scenario}, ${cluster})` : configuration
}
