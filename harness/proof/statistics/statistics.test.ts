import { expect, test } from 'vitest'
import { computeWithDigits, publishedExamples } from './published-examples.ts'
import { trials } from './trials.ts'
import { simulateComparisons } from './simulate-comparisons.ts'

test.each(publishedExamples)('published: $statistic, $example', (example) => {
  expect(computeWithDigits(example)).toBe(example.published)
})

test.each(trials)('simulated: $title', ({ comparison, atMost = 1, atLeast = 0 }) => {
  // `npm run statistics` plays a thousand of each.
  const comparisons = comparison.untilDecided ? 200 : 1_000
  const found = simulateComparisons(comparison, comparisons, 1).different / comparisons
  expect(found).toBeLessThanOrEqual(atMost)
  expect(found).toBeGreaterThanOrEqual(atLeast)
})

test('simulated: the same seed gives the same comparisons', () => {
  const { comparison } = trials.find(({ atLeast }) => atLeast !== undefined)!
  expect(simulateComparisons(comparison, 50, 3)).toEqual(simulateComparisons(comparison, 50, 3))
  expect(simulateComparisons(comparison, 50, 3).different).toBeGreaterThan(0)
})
