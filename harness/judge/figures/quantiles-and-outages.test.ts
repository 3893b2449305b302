/** The parts that are arithmetic: quantiles, outages, presence, bounds. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../model/record.ts'
import { buildRequest } from '../../testing/samples/records.ts'
import { computeOneIn, computePercentBound, computeZeroBound } from './zero-bound.ts'
import { findOutages, countWaited } from './outages.ts'
import { computePresence } from '../pods/presence.ts'
import { findNearestRank, computeQuantiles, computeSamplesToBound } from './quantiles.ts'
import { RequestTable } from '../facts/request-table.ts'

describe('a quantile by nearest rank', () => {
  test.each([
    [0.5, 10, 5],
    [0.9, 10, 9],
    [0.99, 10, 10],
    [0.99, 100, 99],
    [0.99, 101, 100],
    [0.999, 1_000, 999],
    [0.07, 100, 7],
    [1, 3, 3],
    [0.5, 1, 1],
  ])('%d of %i samples is sample %i', (quantile, size, rank) => {
    const samples = Float64Array.from({ length: size }, (_, index) => index + 1)
    expect(findNearestRank(samples, quantile)).toBe(rank)
  })

  test('is the smallest sample that its share of all samples does not exceed', () => {
    const samples = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(samples, fc.constantFrom(0.5, 0.9, 0.99), (values, quantile) => {
        const sorted = Float64Array.from(values).sort()
        const found = findNearestRank(sorted, quantile)!
        const countUpTo = (limit: number): number => sorted.filter((value) => value <= limit).length
        expect(countUpTo(found)).toBeGreaterThanOrEqual(quantile * sorted.length - 1e-9)
        expect(countUpTo(found - 1)).toBeLessThan(quantile * sorted.length)
      }),
    )
  })

  test('p99.9 is only given from 2,995 samples on', () => {
    expect([computeSamplesToBound(0.99), computeSamplesToBound(0.999)]).toEqual([299, 2_995])
    expect(computeQuantiles(new Float64Array(2_994).fill(7))).toMatchObject({ p99Us: 7, p999Us: null, maxUs: 7 })
    expect(computeQuantiles(new Float64Array(2_995).fill(7)).p999Us).toBe(7)
  })

  test('of no sample is null', () => {
    expect(computeQuantiles(new Float64Array())).toEqual({
      count: 0,
      p50Us: null,
      p90Us: null,
      p99Us: null,
      p999Us: null,
      maxUs: null,
    })
  })
})

/** `late` is answered well 700 µs after it was due, `ok` after 100. */
type End = Outcome | 'overload' | 'late'
const overUs = 600

function createTable(ends: [dueUs: number, end: End][]): RequestTable {
  const table = new RequestTable()
  for (const [seq, [dueUs, end]] of ends.entries()) {
    const settledUs = dueUs + (end === 'late' ? 700 : 100)
    table.add(buildRequest({ seq, dueUs, settledUs, outcome: end === 'late' ? 'ok' : end }))
  }
  return table
}

describe('outages', () => {
  test('last from the first request not answered promptly to the next that was', () => {
    const table = createTable([
      [10, 'ok'],
      [20, 'refused'],
      [30, 'late'],
      [40, 'ok'],
      [50, 'refused'],
      [50, 'ok'],
      [60, 'refused'],
    ])
    expect(findOutages(table, overUs, 70)).toEqual([
      { fromUs: 20, toUs: 40, lost: 1, waited: 1, longestWaitUs: 700 },
      { fromUs: 60, toUs: 70, lost: 1, waited: 0, longestWaitUs: 0 },
    ])
    expect(countWaited(table, overUs)).toEqual({ overUs, requests: 1, longestUs: 700 })
  })

  test('a request that was not sent neither makes nor ends one', () => {
    const table = createTable([
      [20, 'refused'],
      [30, 'overload'],
      [40, 'ok'],
      [50, 'overload'],
    ])
    expect(findOutages(table, overUs, 60)).toMatchObject([{ fromUs: 20, toUs: 40, lost: 1 }])
  })

  test('hold no prompt request, and all others but those, in any order', () => {
    const end = fc.tuple(fc.nat(30), fc.constantFrom<End>('ok', 'refused', 'late'))
    fc.assert(
      fc.property(fc.array(end, { maxLength: 40 }), (ends) => {
        const outages = findOutages(createTable(ends), overUs, 31)
        const isInOutage = (dueUs: number): boolean =>
          outages.some(({ fromUs, toUs }) => fromUs <= dueUs && dueUs < toUs)
        const listDues = (...wanted: End[]): number[] =>
          ends.filter(([, found]) => wanted.includes(found)).map(([dueUs]) => dueUs)
        const [prompt, others] = [listDues('ok'), listDues('refused', 'late')]
        expect(prompt.filter(isInOutage)).toEqual([])
        expect(others.filter((dueUs) => !isInOutage(dueUs) && !prompt.includes(dueUs))).toEqual([])
        expect(outages.reduce((sum, each) => sum + each.lost, 0)).toBe(listDues('refused').filter(isInOutage).length)
        expect(outages.reduce((sum, each) => sum + each.waited, 0)).toBe(listDues('late').filter(isInOutage).length)
        expect(findOutages(createTable([...ends].reverse()), overUs, 31)).toEqual(outages)
      }),
    )
  })
})

test('a pod is present as long as any slice has it', () => {
  const spans = computePresence([
    { atUs: 1, part: '1', pods: ['a'] },
    { atUs: 3, part: '2', pods: ['a', 'b'] },
    { atUs: 4, part: '1', pods: [] },
    { atUs: 7, part: '2', pods: ['b'] },
    { atUs: 9, part: '1', pods: ['a'] },
  ])
  expect(spans.get('a')).toEqual([
    { fromUs: 1, toUs: 7 },
    { fromUs: 9, toUs: Infinity },
  ])
  expect(spans.get('b')).toEqual([{ fromUs: 3, toUs: Infinity }])
})

test('zero: bounded by the binomial distribution, rounded to the safe side', () => {
  expect([
    computeOneIn(5_120),
    computeOneIn(20_000),
    computeOneIn(1),
    computePercentBound(10),
    computePercentBound(29),
    computePercentBound(1),
  ]).toEqual([1_709, 6_676, 1, 26, 10, 95])
  // Below 10^-5 takes 299,572 requests, not one less.
  expect(computeZeroBound(299_572)).toBeLessThanOrEqual(1e-5)
  expect(computeZeroBound(299_571)).toBeGreaterThan(1e-5)
  expect(computeZeroBound(0)).toBe(1)
})
