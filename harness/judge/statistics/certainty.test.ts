import { expect, test } from 'vitest'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { boundZero, countRoundsForBound, describeCertainty, describeMedian } from './certainty.ts'

test('a zero: bounded in requests and in rollouts', () => {
  // 10 rounds of 2,000: the rule of three gives 3 in 20,000 and 3 in 10.
  const { requests, rollouts } = boundZero({ requests: 20_000, rollouts: 10 })
  expect(requests.trials).toBe(20_000)
  expect(requests.below).toBeCloseTo(3 / 20_000, 6)
  expect(requests.oneIn).toBe(6_676)
  expect(rollouts).toEqual({ trials: 10, below: 1 - 0.05 ** 0.1, oneIn: 3 })
})

test('the rounds for a bound: are the fewest that prove it', () => {
  const proves = (rollouts: number): number => boundZero({ requests: rollouts, rollouts }).rollouts.below
  for (const share of [0.1, 0.05, 0.01]) {
    const rounds = countRoundsForBound(share)
    expect(proves(rounds)).toBeLessThanOrEqual(share)
    expect(proves(rounds - 1)).toBeGreaterThan(share)
  }
})

test('a median: of an even number the mean of the middle two, its interval from six values on', () => {
  expect(describeMedian([])).toBeNull()
  expect(describeMedian([9])).toEqual({ median: 9, interval: null })
  expect(describeMedian([4, 1, 2, 3])).toEqual({ median: 2.5, interval: null })
  expect(describeMedian([6, 5, 4, 3, 2, 1])).toEqual({ median: 3.5, interval: { low: 1, high: 6 } })
})

test('a row: what its judged rounds prove', () => {
  const { rows } = buildSampleComparison(10)
  const [lossy, clean] = ['naive', 'graceful'].map((name) =>
    describeCertainty(rows.find(({ configuration }) => configuration === name)!),
  )
  expect(clean).toMatchObject({ rounds: 10, roundsWithLoss: 0, zero: { rollouts: { trials: 10 } } })
  expect(clean!.share.low).toBe(0)
  expect(clean!.lostPerRound).toEqual({ median: 0, interval: { low: 0, high: 0 } })
  expect(lossy).toMatchObject({ rounds: 10, roundsWithLoss: 10, zero: null })
  expect(lossy!.share.high).toBe(1)
  expect(lossy!.lostPerRound!.median).toBeGreaterThan(0)
  expect(lossy!.p99Us!.median).toBeGreaterThanOrEqual(lossy!.p50Us!.median)
})
