/** The requests that the event log only counts. Times are µs on the run's clock. */
import type { Histogram } from './histogram.ts'
import type { Lane } from './plan.ts'

/** Length of the spans by which requests are aggregated: multiples of it on the run's clock. */
export const aggregationSpanUs = 100_000

/** Maximum number in one span: twice what all drivers of the fastest load send in it. Reading a summary takes time for each request. */
export const maxAggregated = 20_000

/**
 * Requests of one driver that are only counted: all were answered well, with a complete answer, and none was slow. All or none of them are
 * of the lane `control`.
 */
export interface RequestSummary {
  driver: number
  /** Half-open: all of them were due in it. At most `aggregationSpanUs` long; it contains no step of the run. */
  fromUs: number
  toUs: number
  /** A request with a higher latency is kept as a record. */
  slowUs: number
  /** When the last of them was answered. */
  settledUs: number
  /** Their numbers in ascending order: `count` of them, `stride` apart, from `first` on. */
  stride: number
  seqs: { first: number; count: number }[]
  /** When the requests with the lowest and the highest number were due. */
  firstDueUs: number
  lastDueUs: number
  /** How late they were sent. */
  lag: Histogram
  groups: SummaryGroup[]
}

/** The requests of one lane that one pod answered. */
export interface SummaryGroup {
  lane: Lane
  pod: string | null
  /** From the instant each was due to its end. */
  latency: Histogram
  /** For requests that were the first on their connection; `null` without any. */
  fresh: { firstSentUs: number; lastSentUs: number; lastConnectedUs: number } | null
}
