/** What the event log has of requests that it does not keep one by one. Times are µs on the run's clock. */
import type { Histogram } from './histogram.ts'
import type { Lane } from './plan.ts'

/** Length of the spans by which requests are aggregated: multiples of it on the run's clock. */
export const aggregationSpanUs = 100_000

/** In one span, at most: twice what all drivers of the fastest load send in it. What is made of a summary takes time by its requests. */
export const maxAggregated = 20_000

/**
 * Requests of one driver that the log does not keep one by one: all were answered well, with a whole answer, and none was slow. All of
 * them are of the lane `control`, or none of them is.
 */
export interface RequestSummary {
  driver: number
  /** Half-open: all of them were due in it. At most `aggregationSpanUs`; no step of the run was taken within. */
  fromUs: number
  toUs: number
  /** Of a latency above this a request is kept one by one. */
  slowUs: number
  /** When the last of them had its answer. */
  settledUs: number
  /** Their numbers, in ascending order: `count` of them `stride` apart from `first` on. */
  stride: number
  seqs: { first: number; count: number }[]
  /** When those with the lowest and with the highest number were due. */
  firstDueUs: number
  lastDueUs: number
  /** How late they were sent. */
  lag: Histogram
  groups: SummaryGroup[]
}

/** Those of one lane that one pod answered. */
export interface SummaryGroup {
  lane: Lane
  pod: string | null
  /** From the instant each was due to its end. */
  latency: Histogram
  /** Of those that were the first on their connection; `null` without any. */
  fresh: { firstSentUs: number; lastSentUs: number; lastConnectedUs: number } | null
}
