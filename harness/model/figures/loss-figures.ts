/** The cost of a disruption, by disruptions and by seconds: a part of `analysis.json`. Times are µs on the run's clock. */

/** For one run, that is, for one disruption. */
export interface LossFigures {
  /** Number of requests that the disruption may have lost. */
  lost: number
  /** Number of pods that left after the disruption began and had been ready. */
  podsReplaced: number
  /** From the first deletion to the end of the last old pod; `null` without a deletion. */
  span: { fromUs: number; toUs: number } | null
  /**
   * Number of requests that were due within the span, and of lost ones among them. If a log only counts the requests of a closed loop,
   * those at the edges may be off by 100 ms.
   */
  dueInSpan: number
  lostInSpan: number
  /** Number of whole seconds, counted from the beginning of the span, with requests that were due in them and lost. */
  secondsWithLosses: number
  /** The second with the most losses, or the earliest of these; `null` without a loss. */
  worstSecond: { fromUs: number; due: number; lost: number } | null
}

/** For a row: the figures of its judged rounds together. */
export interface RowLossFigures {
  secondsWithLosses: RoundFigure | null
  /** Of all rounds, the second with the most losses; `null` without a loss. */
  worstSecond: LossFigures['worstSecond']
  lostInSpan: number
  dueInSpan: number
}

/** For a row: a figure with one value for each judged round. */
export interface RoundFigure {
  median: number
  min: number
  max: number
  rounds: number
}
