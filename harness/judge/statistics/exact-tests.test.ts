import { expect, test } from 'vitest'
import { createRandom } from '../../base/random.ts'
import { adjustByHolm, testPairsDiffer, testSharesDiffer } from './exact-tests.ts'

test("Fisher's test: the lady tasting tea, and the twins of convicts", () => {
  // Fisher, The Design of Experiments (1935), 3 of 4 cups: 34/70 two-sided. Statistical Methods (1932), Lange's twins: 0.0005367.
  expect(testSharesDiffer({ events: 3, trials: 4 }, { events: 1, trials: 4 })).toBeCloseTo(34 / 70, 12)
  expect(testSharesDiffer({ events: 2, trials: 17 }, { events: 10, trials: 13 })).toBeCloseTo(0.0005367, 7)
})

test("Fisher's test: the smallest p that n rounds can give", () => {
  // All of 4 against none of 4: 2 of the 70 tables.
  expect(testSharesDiffer({ events: 4, trials: 4 }, { events: 0, trials: 4 })).toBeCloseTo(2 / 70, 12)
  expect(testSharesDiffer({ events: 0, trials: 10 }, { events: 0, trials: 10 })).toBe(1)
})

test("the permutation test: Darwin's maize", () => {
  // Differences of 15 pairs in eighths of an inch; Fisher, The Design of Experiments, 21: 863 of 2^15 on one side, 5.267 %.
  const maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
  expect(testPairsDiffer(maize)).toBeCloseTo((2 * 863) / 2 ** 15, 12)
})

test('the permutation test: five pairs can never decide, and ties say nothing', () => {
  expect(testPairsDiffer([5, 9, 3, 4, 7])).toBeCloseTo(2 / 2 ** 5, 12)
  expect(testPairsDiffer([5, 9, 3, 4, 7, 8])).toBeCloseTo(2 / 2 ** 6, 12)
  expect(testPairsDiffer([])).toBe(1)
  expect(testPairsDiffer([0, 0, 0])).toBe(1)
})

test('the permutation test: the distribution of sums is that of all ways, counted one by one', () => {
  const random = createRandom(7)
  for (let turn = 0; turn < 50; turn++) {
    const differences = Array.from({ length: 1 + Math.floor(random() * 10) }, () => Math.floor(random() * 41) - 20)
    const seen = Math.abs(differences.reduce((sum, each) => sum + each, 0))
    let atLeast = 0
    for (let signs = 0; signs < 2 ** differences.length; signs++) {
      const sum = differences.reduce((all, each, place) => all + (signs & (1 << place) ? each : -each), 0)
      if (Math.abs(sum) >= seen) atLeast++
    }
    expect(testPairsDiffer(differences)).toBeCloseTo(atLeast / 2 ** differences.length, 12)
  }
})

test("Holm's adjustment: as R's p.adjust, in the order given, never above 1", () => {
  // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
  const adjusted = adjustByHolm([0.01, 0.04, 0.03, 0.005])
  for (const [index, expected] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[index]).toBeCloseTo(expected, 12)
  expect(adjustByHolm([0.6, 0.9])).toEqual([1, 1])
  expect(adjustByHolm([])).toEqual([])
})
