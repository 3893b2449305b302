/** Exact tests of whether two configurations differ. The unit is the disruption: losses within one come in bursts. */
import { computeLogChoose } from './exact-binomial.ts'

/** Rounding of sums of probabilities must not decide which of two tables is the rarer. */
const relativeTolerance = 1e-7

/**
 * Fisher's exact test, two-sided, as R's fisher.test: the probability of all tables with these margins that are no more likely than
 * the one seen (Fisher, Statistical Methods for Research Workers, 21.02). `first` and `second` count events among trials.
 */
export function testSharesDiffer(
  first: { events: number; trials: number },
  second: { events: number; trials: number },
): number {
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

/**
 * The permutation test of paired rounds (Fisher, The Design of Experiments, 21), two-sided: the share of the 2^n ways to turn the
 * signs of the `differences` whose sum is at least as far from zero as the one seen. The differences are whole numbers; all ways are
 * counted, by the distribution of their sum. Without a difference 1.
 */
export function testPairsDiffer(differences: readonly number[]): number {
  let shares = new Map<number, number>([[0, 1]])
  for (const difference of differences) {
    if (difference === 0) continue
    const next = new Map<number, number>()
    for (const [sum, share] of shares) {
      for (const turned of [sum + difference, sum - difference]) next.set(turned, (next.get(turned) ?? 0) + share / 2)
    }
    shares = next
  }
  const seen = Math.abs(differences.reduce((sum, difference) => sum + difference, 0))
  let tail = 0
  for (const [sum, share] of shares) if (Math.abs(sum) >= seen) tail += share
  return Math.min(1, tail)
}

/**
 * The p-values of several tests, adjusted so that the chance of any false difference among them stays what one alone has (Holm,
 * Scandinavian Journal of Statistics 6, 1979). In the order given.
 */
export function adjustByHolm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!)
  const adjusted = new Array<number>(pValues.length)
  let largest = 0
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!))
    adjusted[index] = largest
  })
  return adjusted
}
