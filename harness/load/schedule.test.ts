import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lanes } from '../model/plan.ts'
import { schedule } from './schedule.ts'

const options = fc
  .record({
    seed: fc.integer({ min: 0, max: 2 ** 40 }),
    driver: fc.nat(20),
    ratePerSecond: fc.double({ min: 0.1, max: 50_000, noNaN: true }),
    weights: fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(20)).filter(([a, b, c]) => a + b + c > 0),
  })
  .map(({ weights: [a, b, c, d], ...rest }) => {
    const sum = a + b + c + d
    return { ...rest, shares: { fresh: a / sum, reused: b / sum, 'reused-post': c / sum, control: d / sum } }
  })

test('every lane has its share, give or take three, after any number of requests', () => {
  fc.assert(
    fc.property(options, (plan) => {
      const { lane } = schedule(plan)
      const counts = { fresh: 0, reused: 0, 'reused-post': 0, control: 0 }
      for (let seq = 0; seq < 1000; seq++) {
        counts[lane(seq)]++
        for (const name of lanes) expect(Math.abs(counts[name] - (seq + 1) * plan.shares[name])).toBeLessThanOrEqual(3)
      }
      for (const name of lanes) if (plan.shares[name] === 0) expect(counts[name]).toBe(0)
    }),
    { numRuns: 60 },
  )
})

test('instants are one interval apart, from less than one interval after the origin', () => {
  fc.assert(
    fc.property(options, fc.nat(1_000_000), (plan, seq) => {
      const { dueUs } = schedule(plan)
      const intervalUs = 1e6 / plan.ratePerSecond
      expect(dueUs(0)).toBeLessThan(intervalUs)
      expect(dueUs(0)).toBeGreaterThanOrEqual(0)
      expect(Math.abs(dueUs(seq + 1) - dueUs(seq) - intervalUs)).toBeLessThanOrEqual(1)
    }),
  )
})

test('the same plan gives the same schedule, another seed or driver another phase', () => {
  const plan = { seed: 1, driver: 0, ratePerSecond: 100, shares: { fresh: 0.5, reused: 0.35, 'reused-post': 0.15 } }
  const firstInstants = (changed: Partial<typeof plan>): number[] => {
    const { dueUs } = schedule({ ...plan, ...changed })
    return [0, 1, 2, 3].map((seq) => dueUs(seq))
  }
  expect(firstInstants({})).toEqual(firstInstants({}))
  expect(firstInstants({ seed: 2 })).not.toEqual(firstInstants({}))
  expect(firstInstants({ driver: 1 })).not.toEqual(firstInstants({}))
})
