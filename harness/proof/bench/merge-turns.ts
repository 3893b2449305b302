/** What several turns of one client say together. */
import type { Trial } from './client-trial.ts'

/**
 * A machine that is shared is now faster, now slower: each figure is that of the turn in which it was neither the best nor the worst.
 * Requests are counted over all turns, so that none hides one that was lost; what disturbed them is their mean.
 */
export function mergeTurns<T extends Trial>(turns: readonly T[]): T {
  const sumOver = (of: (turn: T) => number): number => turns.reduce((total, turn) => total + of(turn), 0)
  const middle = findMedian(turns, ({ cpuUs }) => cpuUs)
  const lags = turns.flatMap(({ lag }) => lag ?? [])
  return {
    ...middle,
    lag: lags.length > 0 ? findMedian(lags, ({ p99Us }) => p99Us ?? 0) : null,
    told: sumOver(({ told }) => told),
    received: sumOver(({ received }) => received),
    failed: sumOver(({ failed }) => failed),
    planned: middle.planned === null ? null : sumOver(({ planned }) => planned ?? 0),
    disturbed: sumOver(({ disturbed }) => disturbed) / turns.length,
    stolen: sumOver(({ stolen }) => stolen) / turns.length,
  }
}

/** The one in the middle, of an even number the lower one. */
function findMedian<T>(items: readonly T[], by: (item: T) => number): T {
  const inOrder = [...items].sort((a, b) => by(a) - by(b))
  const middle = inOrder[Math.floor((inOrder.length - 1) / 2)]
  if (middle === undefined) throw new Error('Cannot take the middle of nothing')
  return middle
}
