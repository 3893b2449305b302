/** Exact intervals from the binomial distribution, by bisection of its tails, without tables or approximations. */

/** ln n!, by exact summation for the n used here; extended when a larger n is needed. */
const logFactorials = [0]

export function computeLogFactorial(n: number): number {
  for (let k = logFactorials.length; k <= n; k++) logFactorials.push(logFactorials[k - 1]! + Math.log(k))
  return logFactorials[n]!
}

export function computeLogChoose(n: number, k: number): number {
  return computeLogFactorial(n) - computeLogFactorial(k) - computeLogFactorial(n - k)
}

/** P(X ≤ k) of n trials, each with probability p. */
export function computeBinomialCdf(k: number, n: number, p: number): number {
  if (k >= n || p <= 0) return 1
  if (k < 0 || p >= 1) return 0
  let sum = 0
  for (let i = 0; i <= k; i++) sum += Math.exp(computeLogChoose(n, i) + i * Math.log(p) + (n - i) * Math.log1p(-p))
  return Math.min(1, sum)
}

export interface Interval {
  low: number
  high: number
}

/**
 * The interval of Clopper and Pearson (Biometrika 26, 1934) for a share with `events` in `trials`: it contains the true share with a
 * probability of at least `confidence`. Without trials 0 to 1.
 */
export function computeShareInterval(events: number, trials: number, confidence = 0.95): Interval {
  const tail = (1 - confidence) / 2
  const low = events === 0 ? 0 : findRoot((p) => 1 - computeBinomialCdf(events - 1, trials, p) < tail)
  const high = events === trials ? 1 : findRoot((p) => computeBinomialCdf(events, trials, p) > tail)
  return { low, high }
}

/** The p in 0 to 1 up to which `isBelow` is true. */
function findRoot(isBelow: (p: number) => boolean): number {
  let low = 0
  let high = 1
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (isBelow(middle)) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * The interval of the median of independent samples, in ascending order, between two of them (order statistics; David and Nagaraja, Order
 * Statistics, 7.1): the narrowest pair that misses it on either side with at most half of 1 − `confidence`. `null` if even the smallest and
 * the largest do not suffice: below six samples at 95 %.
 */
export function computeMedianInterval(sorted: readonly number[], confidence = 0.95): Interval | null {
  const n = sorted.length
  const tail = (1 - confidence) / 2
  // The number of samples below the median is distributed like the number of heads among n coins.
  let lowRank = 0
  while (lowRank < n && computeBinomialCdf(lowRank, n, 0.5) <= tail) lowRank++
  let highRank = n + 1
  while (highRank > 1 && computeBinomialCdf(n - highRank + 1, n, 0.5) <= tail) highRank--
  const [low, high] = [sorted[lowRank - 1], sorted[highRank - 1]]
  return low === undefined || high === undefined ? null : { low, high }
}
