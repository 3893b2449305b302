/** Periods without service: a part of `analysis.json`. Times are µs on the run's clock. */

/**
 * A period in which no due request was answered promptly: half-open, from the due time of one that was lost or waited to that of the next
 * one that was neither.
 */
export interface Outage {
  fromUs: number
  toUs: number
  lost: number
  /** Number of requests due in it that were answered well, but late. */
  waited: number
  /** The longest time from when one of these was due to its answer; 0 without any. */
  longestWaitUs: number
}

/** Requests answered well, but more than `overUs` after they were due: in a gap most SYNs are retransmitted until one is answered. */
export interface DelayedAnswers {
  overUs: number
  requests: number
  longestUs: number
}
