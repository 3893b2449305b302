/** Exact tests of whether two configurations differ. The unit is the disruption, because losses within one come in bursts. */
import { computeLogChoose } from './exact-binomial.ts'

/** Rounding of sums of probabilities must not decide which of two tables is rarer. */
export const relativeTolerance = 1e-7

/** How many of `trials` had the event. */
export interface Share {
  events: number
  trials: number
}

/**
 * Fisher's exact test, two-sided, as R's fisher.test: the probability of all tables with these margins that are no more likely than
 * the one seen (Fisher, Statistical Methods for Research Workers, 21.02). `first` and `second` count events among trials.
 */
export function testSharesDiffer(first: Share, second: Share): number {
  const events = first.events + second.events
  const trials = first.trials + second.trials
  const logAll = computeLogChoose(trials, events)
  const getProbability = (count: number): number =>
    Math.exp(computeLogChoose(first.trials, count) + computeLogChoose(second.trials, events - count) - logAll)
  const seen = getProbability(first.events) * (1 + relativeTolerance)
  let sum = 0
  for (let count = Math.max(0, events - second.trials); count <= Math.min(first.trials, events); count++) {
    const probability = getProbability(count)
    if (probability <= seen) sum += probability
  }
  return Math.min(1, sum)
}

/** Maximum sum of differences that is counted exactly. */
const maxSum = 20_000

/**
 * The permutation test of paired rounds (Fisher, The Design of Experiments, 21), two-sided: the share of the 2^n choices of signs for the
 * `differences` whose sum is at least as far from zero as the observed one. The differences are whole numbers; all choices are counted by
 * the distribution of their sum. 1 without a difference. If the sum may exceed 20,000, the differences are rounded to a coarser unit: the
 * test is still exact, for another statistic.
 */
export function testPairsDiffer(differences: readonly number[]): number {
  const unit = Math.ceil(differences.reduce((sum, difference) => sum + Math.abs(difference), 0) / maxSum)
  const steps = differences.map((difference) => Math.sign(difference) * Math.round(Math.abs(difference) / unit))
  const largest = steps.reduce((sum, step) => sum + Math.abs(step), 0)
  if (unit === 0 || largest === 0) return 1
  // shares[largest + sum] is the share of the ways that come to this sum.
  let shares = new Float64Array(2 * largest + 1)
  shares[largest] = 1
  let reach = 0
  for (const step of steps.map(Math.abs).filter((size) => size > 0)) {
    const next = new Float64Array(shares.length)
    for (let place = largest - reach; place <= largest + reach; place++) {
      const half = shares[place]! / 2
      if (half === 0) continue
      next[place - step]! += half
      next[place + step]! += half
    }
    shares = next
    reach += step
  }
  const seen = Math.abs(steps.reduce((sum, step) => sum + step, 0))
  const tail = shares.reduce((sum, share, place) => (Math.abs(place - largest) >= seen ? sum + share : sum), 0)
  return Math.min(1, tail)
}

/**
 * The p-values of several tests, adjusted so that the chance of any false difference among them is that of a single test (Holm,
 * Scandinavian Journal of Statistics 6, 1979). In the given order.
 */
export function adjustByHolm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!)
  const adjusted = pValues.map(() => 1)
  let largest = 0
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!))
    adjusted[index] = largest
  })
  return adjusted
}
