import type { Loss } from '../../model/result.ts'
import { sortByDue } from './payload.ts'

/** Limit for all runs together: a larger page would exceed a mail and would not open at once. */
const maxShown = 8_000
/** Minimum for each run, however many runs there are. */
const minShown = 50

/** How many lost requests of each run a page contains, by the number that each run lost. */
export function shareShownLosses(lost: readonly number[]): number[] {
  const total = lost.reduce((sum, count) => sum + count, 0)
  if (total <= maxShown) return [...lost]
  return lost.map((count) => Math.min(count, Math.max(minShown, Math.floor((maxShown * count) / total))))
}

/**
 * The lost requests that a page contains, in the order in which they were lost: their index is their number throughout the page. With more
 * than about `limit`, every outcome of every lane and pod gets its share, spread over its whole time.
 */
export function chooseShownLosses(losses: readonly Loss[], limit: number): Loss[] {
  const sorted = sortByDue(losses)
  if (sorted.length <= limit) return sorted
  const kinds = Map.groupBy(sorted, ({ outcome, request, pod }) => JSON.stringify([outcome, request.lane, pod]))
  const chosen = new Set([...kinds.values()].flatMap((same) => chooseEvenly(same, limit / sorted.length)))
  return sorted.filter((loss) => chosen.has(loss))
}

/** The first, and others at equal distances. */
function chooseEvenly(losses: readonly Loss[], share: number): Loss[] {
  const quota = Math.max(1, Math.round(losses.length * share))
  return Array.from({ length: quota }, (_, place) => losses[Math.floor((place * losses.length) / quota)]!)
}
