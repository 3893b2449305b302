/** The conclusions from the runs of a comparison: the rows of its table. Times are µs. */
import type { ClusterKind } from './cluster-kind.ts'
import type { RoundFigure, RowLossFigures } from './figures/loss-figures.ts'
import type { RowMargin } from './figures/margin.ts'
import type { Gate } from './gates/gates.ts'
import type { Expectation, WorkloadLane } from './plan.ts'
import type { Outcome } from './record.ts'
import type { Verdict } from './result.ts'
import type { RetryingClient } from './tools/retrying-clients.ts'
import type { ToolReport } from './tools/tool-report.ts'

/** One scenario × configuration × cluster over all its rounds. Figures are those of the judged rounds. */
export interface ComparisonRow {
  scenario: string
  configuration: string
  cluster: ClusterKind
  /** The hypothesis of a demonstration; `null`: it is none, and gates decide. */
  expects: Expectation | null
  /** The gates that decide in place of the expectation; absent: none do. */
  gates?: readonly Gate[]
  /** The configuration that is played under this other name, to see whether the machine differs. */
  sameAs?: string
  /** Every planned round, in order. */
  rounds: RoundResult[]
  judged: number
  roundsWithLoss: number
  sent: number
  lost: number
  /** The word for a round's disruption: `rollout`, `eviction`; `run` for several. */
  noun: string
  /** Requests that the disruption of a round may have lost; `null` if no round was judged. */
  lostPerDisruption: RoundFigure | null
  lossFigures: RowLossFigures
  /** `null` if it is unknown for all pods. */
  margin: RowMargin | null
  /** The margin in words: `3.9 s to spare`, `nobody listened for 0.95 s`, `answered 502 for 4.8 s`; `null` if it is unknown. */
  marginText: string | null
  /** Why requests were lost, or why none was: sentences with a period, based only on what was seen, most important first. */
  cause: string[]
  /** Outcomes other than `ok` that occurred, with their counts, most frequent first. */
  outcomes: { outcome: Outcome; count: number }[]
  /** What other load tools would have reported about the same requests, over all judged rounds. */
  tools: ToolReport[]
  /** How many of the lost requests each of these clients would have retried, without those that retry none. */
  retriedBy: Partial<Record<RetryingClient, number>>
  /** Requests sent and lost by lane, over all judged rounds: shares depend on how a load is divided among lanes. */
  lanes: LaneLosses[]
  /** Latency counts from the instant a request was due in an open loop, but from its sending in a closed one: do not compare them. */
  loop: 'open' | 'closed'
  /** The median over rounds of each round's quantile, for `ok` requests of all lanes, in rounds whose latencies may be reported. */
  p50Us: number | null
  p99Us: number | null
  longestOutageUs: number
  /** Number of requests that were answered well but late, over all judged rounds. */
  waited: number
  longestWaitUs: number
  result: RowResult
  /** Which rounds were left out, are missing or were repeated, and why; `null` if every round was judged at once. */
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
 * The result of a row, concluded in one place: badges, sentences, the headline, JUnit and the exit code all use it. `failed`: at least one
 * round lost requests, whatever the results of the others.
 */
export type RowResult = {
  /** The reasons, most important first. Never empty. */
  because: string[]
  /** Number of rounds without a completed run. */
  missing: number
  verdict: Verdict
  /** Whether the configuration kept its gates or, without gates, met its expectation; `null`: undecided. */
  held: boolean | null
  /** Gates that only warn and were not kept, or cannot be judged, in words. Absent: none. */
  warnings?: string[]
}

/**
 * The result of a round. `left-out`: every attempt was completed, but nothing can be concluded. `contradicted`: the same, with records that
 * contradict each other, which no busy machine explains. `missing`: it did not happen, was cut short or cannot be read.
 */
export type RoundResult = {
  round: number
  /** The ids of its runs, in order: more than one if it was repeated. */
  runIds: string[]
  /** The run that counts: the judged one, else the last completed one, else the last. */
  runId: string
  /** In that run. */
  sent: number
  lost: number
  /** From its analysis; absent: it may not be reported. */
  latency?: { p50Us: number; p99Us: number }
} & (
  | { state: 'judged'; verdict: 'passed' | 'failed' }
  | { state: 'left-out' | 'contradicted' | 'missing'; because: string }
)

/** Whether rows must name their scenario and cluster, because these differ. */
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
