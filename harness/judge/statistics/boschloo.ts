/** Boschloo's exact test of two shares: more powerful than Fisher's, which assumes that both margins were fixed beforehand. */
import { computeLogChoose } from './exact-binomial.ts'
import { relativeTolerance, testSharesDiffer } from './exact-tests.ts'
import type { Share } from './exact-tests.ts'

/** Above this Fisher's test is used: the two converge as samples grow. */
const maxTrials = 500
/** Maximum number of cached results: the same few tables recur. */
const maxKept = 10_000
const kept = new Map<string, number>()

/** Two-sided, as twice the smaller of the one-sided values. With more than 500 trials, the result of Fisher's test. */
export function testSharesByBoschloo(first: Share, second: Share): number {
  if (Math.max(first.trials, second.trials) > maxTrials) return testSharesDiffer(first, second)
  const lean = first.events * second.trials - second.events * first.trials
  if (lean === 0) return 1
  const [smaller, larger] = lean < 0 ? [first, second] : [second, first]
  const key = [smaller.events, smaller.trials, larger.events, larger.trials].join()
  const p = kept.get(key) ?? Math.min(1, 2 * testShareIsSmaller(smaller, larger))
  if (kept.size >= maxKept) kept.clear()
  kept.set(key, p)
  return p
}

/**
 * One-sided: whether the first share is the smaller (Boschloo, Statistica Neerlandica 24, 1970). The largest probability, over all common
 * shares, of the tables that Fisher's one-sided test finds at least as rare as the observed one.
 */
export function testShareIsSmaller(first: Share, second: Share): number {
  const seen = computeTail(first, second) * (1 + relativeTolerance)
  const least = listLeastEvents(first.trials, second.trials, seen)
  const computeSize = (share: number): number => sumRegion(least, first.trials, second.trials, share)
  // The more trials, the closer together the peaks.
  const steps = 50 + 2 * Math.max(first.trials, second.trials)
  const sizes = Array.from({ length: steps + 1 }, (_, step) => computeSize(step / steps))
  const worthy = 0.99 * Math.max(...sizes)
  const peaks = sizes.flatMap((size, step) => {
    const isPeak = size >= worthy && size >= (sizes[step - 1] ?? 0) && size > (sizes[step + 1] ?? 0)
    return isPeak ? [findPeak(computeSize, step / steps, 1 / steps)] : []
  })
  return Math.min(1, Math.max(...sizes, ...peaks))
}

/** P(X ≤ events of the first) with both margins fixed: Fisher's one-sided test. */
function computeTail(first: Share, second: Share): number {
  const events = first.events + second.events
  const logAll = computeLogChoose(first.trials + second.trials, events)
  let tail = 0
  for (let count = Math.max(0, events - second.trials); count <= first.events; count++) {
    tail += Math.exp(computeLogChoose(first.trials, count) + computeLogChoose(second.trials, events - count) - logAll)
  }
  return tail
}

/** For each number of events of the first, the smallest number of the second for which the table is as rare as `seen`; ascending. */
function listLeastEvents(firstTrials: number, secondTrials: number, seen: number): number[] {
  const least: number[] = []
  let events = 0
  for (let count = 0; count <= firstTrials; count++) {
    const first = { events: count, trials: firstTrials }
    while (events <= secondTrials && computeTail(first, { events, trials: secondTrials }) > seen) events++
    least.push(events)
  }
  return least
}

/** The probability of all these tables if both shares are `share`. */
function sumRegion(least: readonly number[], firstTrials: number, secondTrials: number, share: number): number {
  const probabilities = listProbabilities(firstTrials, share)
  const tails = secondTrials === firstTrials ? [...probabilities] : listProbabilities(secondTrials, share)
  for (let count = secondTrials - 1; count >= 0; count--) tails[count]! += tails[count + 1]!
  return probabilities.reduce((sum, probability, count) => sum + probability * (tails[least[count]!] ?? 0), 0)
}

/** For 0 to `trials` events; each is computed from its neighbour, starting where none is too small for a number. */
function listProbabilities(trials: number, share: number): number[] {
  if (share > 0.5) return listProbabilities(trials, 1 - share).reverse()
  const odds = share / (1 - share)
  const probabilities = [(1 - share) ** trials]
  for (let count = 0; count < trials; count++) {
    probabilities.push((probabilities[count]! * odds * (trials - count)) / (count + 1))
  }
  return probabilities
}

/** The maximum between `middle - step` and `middle + step`, by golden-section search. */
function findPeak(compute: (at: number) => number, middle: number, step: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2
  let [low, high] = [Math.max(0, middle - step), Math.min(1, middle + step)]
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)]
  let [atLeft, atRight] = [compute(left), compute(right)]
  for (let turn = 0; turn < 40; turn++) {
    if (atLeft > atRight) {
      ;[high, right, atRight] = [right, left, atLeft]
      left = high - ratio * (high - low)
      atLeft = compute(left)
    } else {
      ;[low, left, atLeft] = [left, right, atRight]
      right = low + ratio * (high - low)
      atRight = compute(right)
    }
  }
  return Math.max(atLeft, atRight)
}
