import { expect, test } from 'vitest'
import { sampleQuantiles } from './distribution.ts'

test('Distribution: draws between quantiles at equal steps', () => {
  const quantiles = [0, 10, 110]
  expect([0, 0.25, 0.5, 0.75, 1].map((share) => sampleQuantiles(quantiles, share))).toEqual([0, 5, 10, 60, 110])
  expect(sampleQuantiles([300], 0.7)).toBe(300)
  for (let times = 0; times < 100; times++) {
    const value = sampleQuantiles([10, 60])
    expect(value >= 10 && value <= 60).toBe(true)
  }
})
