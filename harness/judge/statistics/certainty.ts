/** How certain the figures of a row are. */
import type { ComparisonRow } from '../../model/comparison.ts'
import type { MedianInterval, RowCertainty, ZeroBound, ZeroBounds } from '../../model/figures/decision.ts'
import { computeRoundFigure } from '../figures/loss-figures.ts'
import { computeSamplesToBound } from '../figures/quantiles.ts'
import { computeOneIn, computeZeroBound } from '../figures/zero-bound.ts'
import { computeMedianInterval, computeShareInterval } from './exact-binomial.ts'

export function describeCertainty(row: ComparisonRow): RowCertainty {
  const { scenario, configuration, cluster, judged, roundsWithLoss, sent, lost } = row
  const rounds = row.rounds.filter(({ state }) => state === 'judged')
  const latencies = rounds.flatMap(({ latency }) => latency ?? [])
  return {
    scenario,
    configuration,
    cluster,
    rounds: judged,
    roundsWithLoss,
    share: computeShareInterval(roundsWithLoss, judged),
    zero: judged > 0 && lost === 0 ? boundZero({ requests: sent, rollouts: judged }) : null,
    lostPerRound: describeMedian(rounds.map((round) => round.lost)),
    p50Us: describeMedian(latencies.map(({ p50Us }) => p50Us)),
    p99Us: describeMedian(latencies.map(({ p99Us }) => p99Us)),
  }
}

/** `null` without values. */
export function describeMedian(values: readonly number[]): MedianInterval | null {
  const figure = computeRoundFigure(values)
  if (figure === null) return null
  return { median: figure.median, interval: computeMedianInterval(values.toSorted((a, b) => a - b)) }
}

/** What it proves that none of these requests was lost in any of these rollouts. */
export function boundZero({ requests, rollouts }: { requests: number; rollouts: number }): ZeroBounds {
  return { requests: boundTrials(requests), rollouts: boundTrials(rollouts) }
}

function boundTrials(trials: number): ZeroBound {
  return { trials, below: computeZeroBound(trials), oneIn: computeOneIn(trials) }
}

/** Rounds without a loss that prove, at 95 %, that fewer than this share of rollouts lose requests: 29 for 10 %, 59 for 5 %. */
export function countRoundsForBound(share: number): number {
  return computeSamplesToBound(1 - share)
}
