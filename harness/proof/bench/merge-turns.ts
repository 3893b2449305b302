/** Combines several turns of one client. */
import type { Trial } from './client-trial.ts'

/**
 * A shared machine is sometimes faster and sometimes slower: each figure is that of the median turn. Requests are counted over all turns,
 * so that no loss is hidden; the disturbance is the mean.
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

/** The median item, for an even number the lower one. */
function findMedian<T>(items: readonly T[], by: (item: T) => number): T {
  const inOrder = [...items].sort((a, b) => by(a) - by(b))
  const middle = inOrder[Math.floor((inOrder.length - 1) / 2)]
  if (middle === undefined) throw new Error('Cannot take the middle of nothing')
  return middle
}
