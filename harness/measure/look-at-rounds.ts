/** Whether a comparison that continues until all is decided plays another round. */
import { formatCount, formatPlural } from '../base/figures.ts'
import { errorRate } from '../judge/statistics/compare-losses.ts'
import { listLooksUpTo } from '../judge/statistics/looks.ts'
import type { RowRounds } from '../judge/statistics/pair-rounds.ts'
import { weighPairs } from '../judge/statistics/weigh-pairs.ts'

/** If none of the first three could be judged, the next will not be either. */
const roundsWithoutVerdict = 3

export interface RoundsPlayed {
  /** Number of the last one. */
  round: number
  mostRounds: number
  elapsedMs: number
  maxMs: number
}

/** `says`: why the rounds end, or the result of a look. A configuration compared with itself does not prolong the rounds of others. */
export function lookAtRounds(
  rows: readonly RowRounds[],
  { round, mostRounds, elapsedMs, maxMs }: RoundsPlayed,
): { goesOn: boolean; says: string | null } {
  const all = weighPairs(rows, { untilDecided: true })
  const others = all.filter(({ isSame }) => !isSame)
  const pairs = others.length > 0 ? others : all
  const decided = pairs.filter(({ p }) => p <= errorRate).length
  const unjudged = rows.find(({ rounds }) => rounds.every(({ state }) => state !== 'judged'))
  const after = `after ${formatPlural(round, 'round')}`
  const found = `${formatCount(decided)} of ${formatPlural(pairs.length, 'pair')} decided`
  if (decided === pairs.length) return { goesOn: false, says: `${found} ${after}` }
  if (unjudged && round >= roundsWithoutVerdict) {
    return { goesOn: false, says: `No more rounds: none of ${unjudged.configuration} could be judged ${after}` }
  }
  if (round >= mostRounds) return { goesOn: false, says: `No more rounds: ${found} ${after}` }
  // Another round would take about as long as the earlier ones.
  if (elapsedMs + elapsedMs / round > maxMs) return { goesOn: false, says: `The time is used up: ${found} ${after}` }
  return { goesOn: true, says: listLooksUpTo(round).at(-1)?.rounds === round ? `${found} ${after}` : null }
}
