/** Whether two configurations lose differently, from what each lost in paired rounds. */
import type { DecidedBy } from '../../model/figures/decision.ts'
import { testSharesByBoschloo } from './boschloo.ts'
import { testPairsDiffer } from './exact-tests.ts'

/** The chance of a false difference, over all pairs of a comparison and all looks. */
export const errorRate = 0.05

/**
 * How the error is shared between the two tests (weighted Bonferroni): whether requests are lost at all is the main question. If every
 * round of both lost requests, the first test cannot find anything, so the other gets the whole error without raising the total.
 */
export const errorShares = { roundsWithLoss: 0.9, lostPerRound: 0.1 }

export interface LossComparison {
  /** Two-sided, for both tests together. */
  p: number
  by: DecidedBy
  tests: { roundsWithLoss: number; lostPerRound: number }
  /** Below 0: the first loses less, by the test that came closer to deciding. */
  lean: number
}

/** `first` and `second`: requests lost in each round; equal indexes are the same round. */
export function compareLosses(first: readonly number[], second: readonly number[]): LossComparison {
  const [firstLossy, secondLossy] = [countLossy(first), countLossy(second)]
  const differences = subtractPairs(first, second)
  const tests = {
    roundsWithLoss: testSharesByBoschloo(
      { events: firstLossy, trials: first.length },
      { events: secondLossy, trials: second.length },
    ),
    lostPerRound: testPairsDiffer(differences),
  }
  const isAllLossy = firstLossy + secondLossy === first.length + second.length
  const weighted = {
    rounds: tests.roundsWithLoss / errorShares.roundsWithLoss,
    losses: isAllLossy ? tests.lostPerRound : tests.lostPerRound / errorShares.lostPerRound,
  }
  const isByRounds = weighted.rounds <= weighted.losses
  return {
    p: Math.min(1, weighted.rounds, weighted.losses),
    by: isByRounds ? 'rounds-with-loss' : 'lost-per-round',
    tests,
    lean: isByRounds
      ? firstLossy / Math.max(1, first.length) - secondLossy / Math.max(1, second.length)
      : differences.reduce((sum, difference) => sum + difference, 0),
  }
}

/** As long as the shorter list. */
export function subtractPairs(first: readonly number[], second: readonly number[]): number[] {
  return first.slice(0, second.length).map((value, place) => value - second[place]!)
}

export function countLossy(lost: readonly number[]): number {
  return lost.filter((count) => count > 0).length
}
