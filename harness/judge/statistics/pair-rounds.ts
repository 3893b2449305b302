/** Pairs the rounds of two rows of a comparison. */
import type { ComparisonRow, RoundResult } from '../../model/comparison.ts'

/** The part of a row that is compared. */
export type RowRounds = Pick<ComparisonRow, 'scenario' | 'configuration' | 'cluster' | 'sameAs' | 'rounds'>

export interface RoundPair {
  first: RoundResult
  second: RoundResult
}

/**
 * The rounds, up to `last`, in which both rows were judged: a disturbance by the machine then affected both. If rows have several rounds of
 * one number, as from several directories, they are paired in order.
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
