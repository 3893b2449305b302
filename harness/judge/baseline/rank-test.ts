/** The exact test of whether two unpaired sets of rounds differ, such as those of two comparisons. */

/**
 * The exact distribution is counted where that takes at most this number of steps, about 0.1 s: for any hundred rounds, and for far more
 * where one side is short or most values are equal, which is where it is not normal. Beyond, it is normal to four digits.
 */
const mostSteps = 50_000_000

/**
 * The rank-sum test of Wilcoxon (Biometrics Bulletin 1, 1945), two-sided, with mean ranks for ties: the share of all ways to draw as many
 * values as `first` has from both whose sum of ranks is at least as far from its mean as the observed one. It uses ranks, not values,
 * because one round with a long burst must not decide alone. For values of 0 and 1 this is Fisher's exact test, with its tails cut at the
 * same distance. 1 if a side has no values.
 */
export function testRanksDiffer(first: readonly number[], second: readonly number[]): number {
  if (first.length === 0 || second.length === 0) return 1
  // Both sides give the same result; the shorter one is faster to count.
  if (second.length < first.length) return testRanksDiffer(second, first)
  const ranks = computeDoubledRanks([...first, ...second])
  const seen = sumRanks(ranks.slice(0, first.length))
  // Of doubled ranks: twice n · (N + 1) / 2.
  const distance = Math.abs(seen - first.length * (ranks.length + 1))
  if (distance === 0) return 1
  return countTail(ranks, first.length, distance) ?? approximateTail(ranks, first.length, distance)
}

/**
 * The probability that a value of `second` is above one of `first`, ties counting half (Vargha and Delaney, Journal of Educational and
 * Behavioral Statistics 25, 2000): 0.5 where neither is. Throws a RangeError if a side has no values.
 */
export function computeSuperiority(first: readonly number[], second: readonly number[]): number {
  if (first.length === 0 || second.length === 0) throw new RangeError('Cannot compare with no value')
  const ranks = computeDoubledRanks([...first, ...second])
  const above = sumRanks(ranks.slice(first.length)) / 2 - (second.length * (second.length + 1)) / 2
  return above / (first.length * second.length)
}

/** Twice the rank of each value, from 2 on: whole numbers even where values share their ranks. */
function computeDoubledRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!)
  const ranks = values.map(() => 0)
  for (let from = 0; from < order.length;) {
    let to = from
    while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++
    for (let place = from; place <= to; place++) ranks[order[place]!] = from + to + 2
    from = to + 1
  }
  return ranks
}

function sumRanks(ranks: readonly number[]): number {
  return ranks.reduce((sum, rank) => sum + rank, 0)
}

/**
 * For each sum, the number of ways in which `count` of the ranks have it, as shares so that nothing overflows. `null` where that takes too
 * many steps.
 */
function countTail(ranks: readonly number[], count: number, distance: number): number | null {
  // Only differences of ranks matter for comparing sums: for values of 0 and 1 they are steps of 0 and 1.
  const least = Math.min(...ranks)
  const unit = ranks.reduce((divisor, rank) => findCommonDivisor(divisor, rank - least), 0)
  const steps = ranks.map((rank) => (rank - least) / unit)
  const mean = count * (ranks.length + 1)
  const isFar = (sum: number): boolean => Math.abs(count * least + unit * sum - mean) >= distance
  if (steps.every((step) => step <= 1)) return sumFarDraws(sumRanks(steps), { count, all: steps.length, isFar })
  const most = sumRanks(steps.toSorted((a, b) => b - a).slice(0, count))
  if (steps.length * count * most > mostSteps) return null
  // ways[k][s]: the share of the orders of the ranks so far in which the k drawn of them have the sum s.
  const ways = Array.from({ length: count + 1 }, () => new Float64Array(most + 1))
  ways[0]![0] = 1
  for (const [done, step] of steps.entries()) {
    // Draws one by one: of the remaining values, this one is drawn with the share that is still to be drawn.
    const left = steps.length - done
    for (let k = Math.min(count, done + 1); k >= 0; k--) {
      const kept = ways[k]!
      const drawn = k > 0 ? ways[k - 1]! : null
      const stay = Math.max(0, left - count + k) / left
      const draw = (count - k + 1) / left
      for (let sum = most; sum >= 0; sum--) {
        kept[sum] = kept[sum]! * stay + (drawn !== null && sum >= step ? drawn[sum - step]! * draw : 0)
      }
    }
  }
  const tail = ways[count]!.reduce((sum, share, at) => (isFar(at) ? sum + share : sum), 0)
  return Math.min(1, tail)
}

/** For two distinct values, of which `higher` are the higher one: the number drawn of these has a hypergeometric distribution. */
function sumFarDraws(
  higher: number,
  { count, all, isFar }: { count: number; all: number; isFar: (drawn: number) => boolean },
): number {
  // Numbers of ways relative to the first, each from the one before: quotients of small whole numbers are exact.
  let [ways, sum, tail] = [1, 0, 0]
  for (let drawn = Math.max(0, count - (all - higher)); drawn <= Math.min(count, higher); drawn++) {
    sum += ways
    if (isFar(drawn)) tail += ways
    if (sum > 1e200) [ways, sum, tail] = [ways / 1e200, sum / 1e200, tail / 1e200]
    ways *= ((higher - drawn) * (count - drawn)) / ((drawn + 1) * (all - higher - count + drawn + 1))
  }
  return tail / sum
}

function findCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : findCommonDivisor(b, a % b)
}

/** The normal distribution with the variance for ties and the correction for continuity (Lehmann, Nonparametrics, 1.4 and A.2). */
function approximateTail(ranks: readonly number[], count: number, distance: number): number {
  const all = ranks.length
  const ties = [...Map.groupBy(ranks, (rank) => rank).values()].map(({ length }) => length ** 3 - length)
  const variance = ((count * (all - count)) / 12) * (all + 1 - sumRanks(ties) / (all * (all - 1)))
  if (variance <= 0) return 1
  const z = Math.max(0, distance / 2 - 0.5) / Math.sqrt(variance)
  return Math.min(1, 2 * computeNormalTail(z))
}

/** P(Z > z) for z ≥ 0, by Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: to 1.5e-7. */
function computeNormalTail(z: number): number {
  const t = 1 / (1 + (0.3275911 * z) / Math.SQRT2)
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return (series * Math.exp((-z * z) / 2)) / 2
}
