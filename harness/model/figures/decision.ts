/** How sure a comparison is: of each pair of its rows, and of each row. The unit is the round, that is, one disruption. Shares are 0 to 1. */
import type { ClusterKind } from '../cluster-kind.ts'

/** What two configurations differ in: in how many rounds they lose requests, or how many they lose in a round; or how long answers take. */
export type DecidedBy = 'rounds-with-loss' | 'lost-per-round' | 'p50' | 'p99'

/** Two rows of one scenario on one cluster. */
export interface Decision {
  scenario: string
  cluster: ClusterKind
  /** Configurations. */
  first: string
  second: string
  /** Both are the same configuration, played under two names: where they differ, the machine does. */
  isSame: boolean
  /** What `first` is, compared with `second`; `~`: undecided. */
  relation: 'better' | 'worse' | '~'
  /** Two-sided, adjusted for all pairs of the comparison and, with `untilDecided`, for all looks: 0.05 and less decides. */
  p: number
  /** The test that came nearer to deciding. */
  by: DecidedBy
  /** Their p-values, not adjusted. */
  tests: { roundsWithLoss: number; lostPerRound: number }
  /** In which both were judged; only these count here. */
  rounds: number
  /** Of these, those in which `first` and `second` lost requests. */
  roundsWithLoss: [first: number, second: number]
  /** Lost by `first` less those that `second` lost in the same round; `null` without a round. */
  difference: MedianInterval | null
  /** How many more rounds like those before would decide; `null`: no number up to a hundred in all, or nothing is left to decide. */
  moreRounds: number | null
}

export interface MedianInterval {
  median: number
  /** At 95 %; `null`: there are too few values, that is, fewer than six. */
  interval: { low: number; high: number } | null
}

/** What is known of a row. */
export interface RowCertainty {
  scenario: string
  configuration: string
  cluster: ClusterKind
  /** Rounds that were judged. */
  rounds: number
  roundsWithLoss: number
  /** At 95 %, two-sided: the share of disruptions that lose requests. */
  share: { low: number; high: number }
  /** Of a row without a loss. */
  zero: ZeroBounds | null
  /** Over the rounds; `null` without one. */
  lostPerRound: MedianInterval | null
  /** µs; over the rounds whose latencies may be told. */
  p50Us: MedianInterval | null
  p99Us: MedianInterval | null
}

/** What none lost proves, at 95 %: the losses of a rollout come together, so that the bound on rollouts is the one to rely on. */
export interface ZeroBounds {
  requests: ZeroBound
  rollouts: ZeroBound
}

export interface ZeroBound {
  trials: number
  /** The share is below this. */
  below: number
  /** The same as one in so many. */
  oneIn: number
}
