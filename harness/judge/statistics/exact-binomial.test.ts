import { expect, test } from 'vitest'
import { computeZeroBound } from '../figures/zero-bound.ts'
import { computeBinomialCdf, computeMedianInterval, computeShareInterval } from './exact-binomial.ts'

test('the interval of a share: published values', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I, exact method: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  const published: [events: number, trials: number, low: number, high: number][] = [
    [81, 263, 0.2527, 0.3676],
    [15, 148, 0.0578, 0.1617],
    [0, 20, 0, 0.1684],
    [1, 29, 0.0009, 0.1776],
  ]
  for (const [events, trials, low, high] of published) {
    const interval = computeShareInterval(events, trials)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  }
})

test('the interval of a share: none of n with 90 % on both sides is the bound of a zero', () => {
  expect(computeShareInterval(0, 59, 0.9).high).toBeCloseTo(computeZeroBound(59), 9)
  expect(computeShareInterval(59, 59).high).toBe(1)
  expect(computeShareInterval(0, 0)).toEqual({ low: 0, high: 1 })
})

test('the interval of a median: its ranks are those of the sign test', () => {
  const sorted = Array.from({ length: 20 }, (_, index) => index + 1)
  // Conover, Practical Nonparametric Statistics, table A3: of 10 ranks 2 and 9, of 20 ranks 6 and 15.
  expect(computeMedianInterval(sorted.slice(0, 10))).toEqual({ low: 2, high: 9 })
  expect(computeMedianInterval(sorted)).toEqual({ low: 6, high: 15 })
  expect(computeMedianInterval(sorted.slice(0, 6))).toEqual({ low: 1, high: 6 })
  expect(computeMedianInterval(sorted.slice(0, 5))).toBeNull()
  expect(computeMedianInterval([])).toBeNull()
})

test('the binomial distribution: its sums', () => {
  expect(computeBinomialCdf(2, 4, 0.5)).toBeCloseTo(11 / 16, 12)
  expect(computeBinomialCdf(-1, 4, 0.5)).toBe(0)
  expect(computeBinomialCdf(4, 4, 0.5)).toBe(1)
  expect(computeBinomialCdf(0, 1000, 0.001)).toBeCloseTo(0.999 ** 1000, 9)
})
