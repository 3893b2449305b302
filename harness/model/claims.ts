/** What may be concluded of a run, and what it rests on: a part of `analysis.json`. */

/**
 * What may be concluded of a run. `some-lost`: the disruption lost requests. `none-lost`: no request was lost. `how-many`: how many were.
 * `how-late`: latencies. `whose`: to which pods and moments losses are tied.
 */
export type Conclusion = (typeof conclusions)[number]
export const conclusions = ['some-lost', 'none-lost', 'how-many', 'how-late', 'whose'] as const

/** A statement about a run's evidence that must hold before what rests on it may be concluded. */
export interface ClaimResult {
  name: string
  /** The statement, without a final period. */
  says: string
  holds: boolean
  /** Why it does not hold, the weightiest first; empty when it does. */
  problems: string[]
  figures: Figure[]
  /** What rests on it. */
  conclusions: Conclusion[]
  /**
   * Whether a machine or a cluster that was in the way is enough to break it: the round may then be left out of its row. Else the
   * evidence contradicts itself.
   */
  disturbance: boolean
}

/** One figure that a claim was held against; `null` where there was nothing to take it from, or no limit for it. */
export interface Figure {
  name: string
  unit: 'count' | 'us' | 'share'
  value: number | null
  /** The highest value with which the claim holds. */
  limit: number | null
}
