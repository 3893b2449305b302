/** How certain a comparison is, for each pair of rows and each row. The unit is the round, i.e. one disruption. Shares are 0 to 1. */
import type { ClusterKind } from '../cluster-kind.ts'

/** The difference between two configurations: the share of rounds with losses, the losses in a round, or the latency. */
export type DecidedBy = 'rounds-with-loss' | 'lost-per-round' | 'p50' | 'p99'

/** Two rows of one scenario on one cluster. */
export interface Decision {
  scenario: string
  cluster: ClusterKind
  /** Configurations. */
  first: string
  second: string
  /** Whether both are the same configuration under two names: a difference is then caused by the machine. */
  isSame: boolean
  /** `first` compared with `second`; `~`: undecided. */
  relation: 'better' | 'worse' | '~'
  /** Two-sided, adjusted for all pairs of the comparison and, with `untilDecided`, for all looks: up to 0.05 decides. */
  p: number
  /** The test that came closer to deciding. */
  by: DecidedBy
  /** The unadjusted p-values of the tests. */
  tests: { roundsWithLoss: number; lostPerRound: number }
  /** Number of rounds in which both were judged; only these count here. */
  rounds: number
  /** Of these, the number in which `first` and `second` lost requests. */
  roundsWithLoss: [first: number, second: number]
  /** Losses of `first` minus those of `second` in the same round; `null` without a round. */
  difference: MedianInterval | null
  /** The number of further rounds that would decide if they were like those before; `null`: none up to a hundred, or all is decided. */
  moreRounds: number | null
}

export interface MedianInterval {
  median: number
  /** At 95 %; `null` for fewer than six values. */
  interval: { low: number; high: number } | null
}

/** How certain a row is. */
export interface RowCertainty {
  scenario: string
  configuration: string
  cluster: ClusterKind
  /** Number of judged rounds. */
  rounds: number
  roundsWithLoss: number
  /** The share of disruptions that lose requests, at 95 %, two-sided. */
  share: { low: number; high: number }
  /** For a row without a loss. */
  zero: ZeroBounds | null
  /** Over the rounds; `null` without any. */
  lostPerRound: MedianInterval | null
  /** In µs, over the rounds whose latencies may be reported. */
  p50Us: MedianInterval | null
  p99Us: MedianInterval | null
}

/** What a loss of zero proves, at 95 %. The losses of a rollout come together, so the bound for rollouts is the reliable one. */
export interface ZeroBounds {
  requests: ZeroBound
  rollouts: ZeroBound
}

export interface ZeroBound {
  trials: number
  /** Upper bound of the share. */
  below: number
  /** The same bound, as one in this many. */
  oneIn: number
}
