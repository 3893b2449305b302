/** The conclusions about a run and the claims they depend on: a part of `analysis.json`. */

/**
 * A possible conclusion about a run. `some-lost`: the disruption lost requests. `none-lost`: no request was lost. `how-many`: the number of
 * losses. `how-late`: latencies. `whose`: the pods and moments of losses.
 */
export type Conclusion = (typeof conclusions)[number]
export const conclusions = ['some-lost', 'none-lost', 'how-many', 'how-late', 'whose'] as const

/** A statement about a run's evidence that must hold before the conclusions that depend on it may be drawn. */
export interface ClaimResult {
  name: string
  /** The statement, without a final period. */
  says: string
  holds: boolean
  /** Why it does not hold, most important first; empty when it does. */
  problems: string[]
  figures: Figure[]
  /** The conclusions that depend on it. */
  conclusions: Conclusion[]
  /**
   * Whether a disturbance by the machine or the cluster can break it: the round may then be left out of its row. Else the evidence
   * contradicts itself.
   */
  disturbance: boolean
}

/** One figure of a claim; `null` without a value, or without a limit. */
export interface Figure {
  name: string
  unit: 'count' | 'us' | 'share'
  value: number | null
  /** The highest value at which the claim holds. */
  limit: number | null
}
