/** What several turns of one client say together. */
import type { Trial } from './client-trial.ts'

/**
 * A machine that is shared is now faster, now slower: each figure is that of the turn in which it was neither the best nor the worst.
 * Requests are counted over all turns, so that none hides one that was lost; what disturbed them is their mean.
 */
export function ofTurns<T extends Trial>(turns: readonly T[]): T {
  const sum = (of: (turn: T) => number): number => turns.reduce((total, turn) => total + of(turn), 0)
  const middle = median(turns, ({ cpuUs }) => cpuUs)
  const lags = turns.flatMap(({ lag }) => lag ?? [])
  return {
    ...middle,
    lag: lags.length > 0 ? median(lags, ({ p99Us }) => p99Us ?? 0) : null,
    told: sum(({ told }) => told),
    received: sum(({ received }) => received),
    failed: sum(({ failed }) => failed),
    planned: middle.planned === null ? null : sum(({ planned }) => planned ?? 0),
    disturbed: sum(({ disturbed }) => disturbed) / turns.length,
    stolen: sum(({ stolen }) => stolen) / turns.length,
  }
}

/** The one in the middle, of an even number the lower one. */
function median<T>(items: readonly T[], by: (item: T) => number): T {
  const inOrder = [...items].sort((a, b) => by(a) - by(b))
  const middle = inOrder[Math.floor((inOrder.length - 1) / 2)]
  if (middle === undefined) throw new Error('Cannot take the middle of nothing')
  return middle
}
