import { expect, test } from 'vitest'
import { createRandom } from '../../base/random.ts'
import { testSharesDiffer } from '../statistics/exact-tests.ts'
import { computeSuperiority, testRanksDiffer } from './rank-test.ts'

test('the rank-sum test: the permeability of membranes', () => {
  // Hollander and Wolfe, Nonparametric Statistical Methods (1973), table 4.1; R's wilcox.test: W = 35, p = 0.2544 two-sided.
  const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
  const early = [1.15, 0.88, 0.9, 0.74, 1.21]
  expect(testRanksDiffer(term, early)).toBeCloseTo(0.2544, 4)
  expect(testRanksDiffer(early, term)).toBeCloseTo(testRanksDiffer(term, early), 12)
  // W counts the pairs in which the first is the larger.
  expect(computeSuperiority(early, term)).toBeCloseTo(35 / 50, 12)
})

test('the rank-sum test: all of one side above the other is 2 of all ways to part them', () => {
  expect(testRanksDiffer([1, 2, 3], [4, 5, 6])).toBeCloseTo(2 / 20, 12)
  expect(testRanksDiffer([0, 0, 0, 0], [9, 9, 9, 9])).toBeCloseTo(2 / 70, 12)
  expect([testRanksDiffer([], [1]), testRanksDiffer([1, 1], [1, 1]), testRanksDiffer([3], [3])]).toEqual([1, 1, 1])
})

test("the rank-sum test: of losses in some rounds and none in others it is Fisher's where both sides have as many", () => {
  const some = (events: number): number[] => Array.from({ length: 8 }, (_, index) => (index < events ? 1 : 0))
  for (const [a, b] of [
    [0, 4],
    [1, 7],
    [3, 5],
    [0, 8],
  ] as const) {
    const fisher = testSharesDiffer({ events: a, trials: 8 }, { events: b, trials: 8 })
    expect(testRanksDiffer(some(a), some(b))).toBeCloseTo(fisher, 9)
  }
})

test('the rank-sum test: its distribution is that of all ways, counted one by one, with ties', () => {
  const random = createRandom(11)
  for (let turn = 0; turn < 40; turn++) {
    const first = Array.from({ length: 1 + Math.floor(random() * 5) }, () => Math.floor(random() * 6))
    const second = Array.from({ length: 1 + Math.floor(random() * 5) }, () => Math.floor(random() * 6))
    expect(testRanksDiffer(first, second)).toBeCloseTo(countAllWays(first, second), 12)
  }
})

/** From the definition: mean ranks by comparing all pairs, and every subset of that size. */
function countAllWays(first: readonly number[], second: readonly number[]): number {
  const all = [...first, ...second]
  const ranks = all.map(
    (value) => all.filter((other) => other < value).length + (all.filter((other) => other === value).length + 1) / 2,
  )
  const mean = (first.length * (all.length + 1)) / 2
  const measure = (subset: number): number =>
    Math.abs(ranks.reduce((sum, rank, place) => sum + (subset & (1 << place) ? rank : 0), 0) - mean)
  const subsets = Array.from({ length: 2 ** all.length }, (_, subset) => subset).filter(
    (subset) => subset.toString(2).replaceAll('0', '').length === first.length,
  )
  const seen = measure(2 ** first.length - 1)
  return subsets.filter((subset) => measure(subset) >= seen - 1e-9).length / subsets.length
}

test('the rank-sum test: is exact where one side has few rounds, however many the other has', () => {
  const quiet = (rounds: number): number[] => Array.from({ length: rounds }, () => 0)
  expect(testRanksDiffer([1], quiet(120))).toBeCloseTo(1 / 121, 12)
  expect(testRanksDiffer(quiet(1_000), [3, 9])).toBeCloseTo(2 / (1_002 * 1_001), 12)
  const rising = Array.from({ length: 400 }, (_, place) => place)
  expect(testRanksDiffer([-1], rising)).toBeCloseTo(2 / 401, 12)
})

test('the rank-sum test: of two values alone it is exact for any number of rounds, by the odds of a draw without replacement', () => {
  // 3 of 2,000 against 40 of 3,000, as whole numbers: every table at least as far from the mean, 3 and fewer or 31.4 and more of 43.
  const some = (events: number, rounds: number): number[] =>
    Array.from({ length: rounds }, (_, place) => (place < events ? 7 : 0))
  const choose = (n: bigint, k: bigint): bigint => {
    let ways = 1n
    for (let i = 0n; i < k; i++) ways = (ways * (n - i)) / (i + 1n)
    return ways
  }
  const odds = (first: bigint): number =>
    Number((choose(2_000n, first) * choose(3_000n, 43n - first) * 10n ** 30n) / choose(5_000n, 43n)) / 1e30
  const mean = (43 * 2_000) / 5_000
  const tail = Array.from({ length: 44 }, (_, first) => first)
    .filter((first) => Math.abs(first - mean) >= Math.abs(3 - mean))
    .reduce((sum, first) => sum + odds(BigInt(first)), 0)
  expect(testRanksDiffer(some(3, 2_000), some(40, 3_000)) / tail).toBeCloseTo(1, 6)
})

test('the rank-sum test: where there are too many ways to count, the normal distribution carries on', () => {
  for (const [seed, shift] of [
    [3, 0],
    [4, 0.1],
    [5, 0.2],
    [7, 0],
  ] as const) {
    const random = createRandom(seed)
    const values = (by: number): number[] => Array.from({ length: 63 }, () => random() + by)
    const [first, second] = [values(0), values(shift)]
    // One more value in the middle of either side adds hardly any information.
    const beyond = testRanksDiffer([...first, 0.5], [...second, 0.5 + shift])
    expect(Math.abs(Math.log(beyond / testRanksDiffer(first, second)))).toBeLessThan(0.1)
  }
})
