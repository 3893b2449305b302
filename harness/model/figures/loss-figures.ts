/** What a disruption cost, counted by disruptions and by seconds: a part of `analysis.json`. Times are µs on the run's clock. */

/** Of one run, that is, of one disruption. */
export interface LossFigures {
  /** Requests that the disruption may have lost. */
  lost: number
  /** Pods that left after the disruption began, and had been ready. */
  podsReplaced: number
  /** From the first deletion to the end of the last old pod; `null` where none was deleted. */
  span: { fromUs: number; toUs: number } | null
  /**
   * Requests that were due within the span, and of these those that were lost. Of a closed loop that the log only counts, those at the edges
   * may be off by 100 ms.
   */
  dueInSpan: number
  lostInSpan: number
  /** Whole seconds, counted from the beginning of the span, in which requests were due that were lost. */
  secondsWithLosses: number
  /** The one in which the most were lost, the earliest of several; `null` without a loss. */
  worstSecond: { fromUs: number; due: number; lost: number } | null
}

/** Of a row: the figures of its judged rounds together. */
export interface RowLossFigures {
  secondsWithLosses: RoundFigure | null
  /** Of all rounds the second in which the most were lost; `null` without a loss. */
  worstSecond: LossFigures['worstSecond']
  lostInSpan: number
  dueInSpan: number
}

/** Of a row: one number for each round that was judged. */
export interface RoundFigure {
  median: number
  min: number
  max: number
  rounds: number
}
