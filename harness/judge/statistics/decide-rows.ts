/** Which of two configurations is better, for every pair of a comparison's rows; `~` if that is undecided. */
import type { Decision } from '../../model/figures/decision.ts'
import { describeMedian } from './certainty.ts'
import { countLossy, errorRate, subtractPairs } from './compare-losses.ts'
import { pairRounds } from './pair-rounds.ts'
import type { RowRounds } from './pair-rounds.ts'
import { countMoreRounds } from './rounds-needed.ts'
import type { NeededOptions } from './rounds-needed.ts'
import { countPlannedRounds, weighPairs } from './weigh-pairs.ts'
import type { WeighedPair, WeighOptions } from './weigh-pairs.ts'

/** Pairs of the same scenario and cluster, in the order of the rows; pairs of one configuration under two names last. */
export function decideRows(rows: readonly RowRounds[], options: WeighOptions = {}): Decision[] {
  const pairs = weighPairs(rows, options)
  const needing = {
    undecided: pairs.filter(({ isSame, p }) => !isSame && p > errorRate).length,
    untilDecided: options.untilDecided ?? false,
    planned: countPlannedRounds(rows),
  }
  return pairs.map((pair) => buildDecision(pair, needing))
}

function buildDecision({ first, second, isSame, p, comparison }: WeighedPair, needing: NeededOptions): Decision {
  const rounds = pairRounds(first, second)
  const firstLost = rounds.map((pair) => pair.first.lost)
  const secondLost = rounds.map((pair) => pair.second.lost)
  const isDecided = p <= errorRate
  return {
    scenario: first.scenario,
    cluster: first.cluster,
    first: first.configuration,
    second: second.configuration,
    isSame,
    relation: isDecided ? (comparison.lean < 0 ? 'better' : 'worse') : '~',
    p,
    by: comparison.by,
    tests: comparison.tests,
    rounds: rounds.length,
    roundsWithLoss: [countLossy(firstLost), countLossy(secondLost)],
    difference: describeMedian(subtractPairs(firstLost, secondLost)),
    moreRounds: isDecided || isSame ? null : countMoreRounds(firstLost, secondLost, needing),
  }
}
