/** Where a series of nights changed: E-divisive (Matteson and James, Journal of the American Statistical Association 109, 2014). */
import { createRandom, shuffleList } from '../../base/random.ts'

export interface ChangePoint {
  /** Index of the first value after the change. */
  at: number
  /** From the permutation test. */
  p: number
}

export interface ChangePointOptions {
  /** Minimum number of values on either side. */
  least?: number
  permutations?: number
  level?: number
  seed?: number
}

/**
 * The energy statistic finds the best place to cut a stretch in two, and a permutation test says whether a stretch without a change would
 * often be cut as well; both parts are then searched in turn. No distribution is assumed, and a change of the spread is found like one of
 * the mean. In ascending order. The right part of a cut extends to the end of its stretch.
 */
export function findChangePoints(values: readonly number[], options: ChangePointOptions = {}): ChangePoint[] {
  const { least = 3, permutations = 999, level = 0.01, seed = 1 } = options
  const random = createRandom(seed)
  const found: ChangePoint[] = []
  const search = (from: number, to: number): void => {
    const stretch = values.slice(from, to)
    const best = findBestCut(stretch, least)
    if (best === null || best.statistic <= 0) return
    let asGood = 1
    for (let turn = 0; turn < permutations; turn++) {
      const other = findBestCut(shuffleList(stretch, random), least)
      // Sums in another order differ in their last digits.
      if (other !== null && other.statistic >= best.statistic * (1 - 1e-9)) asGood++
    }
    const p = asGood / (permutations + 1)
    if (p > level) return
    found.push({ at: from + best.at, p })
    search(from, from + best.at)
    search(from + best.at, to)
  }
  search(0, values.length)
  return found.sort((a, b) => a.at - b.at)
}

/** `null` for a stretch that is too short to be cut. */
function findBestCut(values: readonly number[], least: number): { at: number; statistic: number } | null {
  let best: { at: number; statistic: number } | null = null
  // Sums of the distances between all pairs of values: within the left part, within the right one, and between them.
  let [left, right, between] = [0, sumDistances(values), 0]
  for (let at = 1; at <= values.length - least; at++) {
    const moved = values[at - 1]!
    const toLeft = sumDistancesTo(moved, values, 0, at - 1)
    const toRight = sumDistancesTo(moved, values, at, values.length)
    left += toLeft
    right -= toRight
    between += toRight - toLeft
    if (at < least) continue
    const statistic = computeStatistic({ left, right, between }, at, values.length - at)
    if (best === null || statistic > best.statistic) best = { at, statistic }
  }
  return best
}

/** Equations 5 and 6 of the paper, with the exponent 1: mn / (m + n) times the divergence of the two parts. */
function computeStatistic(sums: { left: number; right: number; between: number }, n: number, m: number): number {
  const within = (2 * sums.left) / (n * (n - 1)) + (2 * sums.right) / (m * (m - 1))
  return ((m * n) / (m + n)) * ((2 * sums.between) / (m * n) - within)
}

function sumDistances(values: readonly number[]): number {
  return values.reduce((sum, value, index) => sum + sumDistancesTo(value, values, index + 1, values.length), 0)
}

function sumDistancesTo(value: number, values: readonly number[], from: number, to: number): number {
  let sum = 0
  for (let index = from; index < to; index++) sum += Math.abs(value - values[index]!)
  return sum
}
