/** Two rows of a comparison, round by round. */
import type { ComparisonRow, RoundResult } from '../../model/comparison.ts'

/** What is compared of a row. */
export type RowRounds = Pick<ComparisonRow, 'scenario' | 'configuration' | 'cluster' | 'sameAs' | 'rounds'>

export interface RoundPair {
  first: RoundResult
  second: RoundResult
}

/**
 * The rounds, up to `last`, in which both rows were judged: what disturbed one of them may have been the machine, and the other saw
 * the same. Where rows have several rounds of a number, as those of several directories have, in their order.
 */
export function pairRounds(first: RowRounds, second: RowRounds, last = Infinity): RoundPair[] {
  const others = Map.groupBy(second.rounds, ({ round }) => round)
  const seen = new Map<number, number>()
  return first.rounds.flatMap((round) => {
    if (round.round > last) return []
    const place = seen.get(round.round) ?? 0
    seen.set(round.round, place + 1)
    const other = others.get(round.round)?.[place]
    return round.state === 'judged' && other?.state === 'judged' ? [{ first: round, second: other }] : []
  })
}
