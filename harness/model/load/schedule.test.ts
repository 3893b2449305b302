import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lanes } from '../plan.ts'
import { buildSchedule } from './schedule.ts'

const options = fc
  .record({
    seed: fc.integer({ min: 0, max: 2 ** 40 }),
    driver: fc.nat(3),
    drivers: fc.integer({ min: 4, max: 20 }),
    ratePerSecond: fc.double({ min: 0.1, max: 50_000, noNaN: true }),
    weights: fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(20)).filter(([a, b, c]) => a + b + c > 0),
  })
  .map(({ weights: [a, b, c, d], ...rest }) => {
    const sum = a + b + c + d
    return { ...rest, shares: { fresh: a / sum, reused: b / sum, 'reused-post': c / sum, control: d / sum } }
  })

test('lanes: each has its share, give or take three, after any number', () => {
  fc.assert(
    fc.property(options, (plan) => {
      const { lane } = buildSchedule(plan)
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

test('instants: one interval apart, the first within one of the origin', () => {
  fc.assert(
    fc.property(options, fc.nat(1_000_000), (plan, seq) => {
      const { dueUs } = buildSchedule(plan)
      const intervalUs = 1e6 / plan.ratePerSecond
      expect(dueUs(0)).toBeLessThan(intervalUs)
      expect(dueUs(0)).toBeGreaterThanOrEqual(0)
      expect(Math.abs(dueUs(seq + 1) - dueUs(seq) - intervalUs)).toBeLessThanOrEqual(1)
    }),
  )
})

test('seed: the same gives the same schedule, another one another phase', () => {
  const shares = { fresh: 0.5, reused: 0.35, 'reused-post': 0.15 }
  const plan = { seed: 1, driver: 0, drivers: 1, ratePerSecond: 100, shares }
  const firstInstants = (changed: Partial<typeof plan>): number[] => {
    const { dueUs } = buildSchedule({ ...plan, ...changed })
    return [0, 1, 2, 3].map((seq) => dueUs(seq))
  }
  expect(firstInstants({})).toEqual(firstInstants({}))
  expect(firstInstants({ seed: 2 })).not.toEqual(firstInstants({}))
  expect(firstInstants({ driver: 1, drivers: 3 })).toEqual(firstInstants({}))
})

test('drivers: together they have each place that is due by an instant once', () => {
  fc.assert(
    fc.property(options, fc.nat(100_000), (plan, us) => {
      const all = Array.from({ length: plan.drivers }, (_, driver) => buildSchedule({ ...plan, driver }))
      const places = all.flatMap((one) => Array.from({ length: one.dueBy(us) }, (_, n) => one.seq(n)))
      const whole = buildSchedule({ ...plan, driver: 0, drivers: 1 }).dueBy(us)
      expect(places.sort((a, b) => a - b)).toEqual(Array.from({ length: whole }, (_, seq) => seq))
      for (const { seq, dueUs, dueBy } of all) {
        expect(dueUs(seq(dueBy(us)))).toBeGreaterThan(us)
        if (dueBy(us) > 0) expect(dueUs(seq(dueBy(us) - 1))).toBeLessThanOrEqual(us)
      }
    }),
    { numRuns: 60 },
  )
})
