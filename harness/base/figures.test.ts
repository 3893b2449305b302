import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatCount,
  formatDuration,
  formatDurationRange,
  formatInstant,
  formatList,
  formatMeasured,
  formatPercent,
  formatPlural,
} from './figures.ts'

test('counts: grouped by thousands, with the noun in its number', () => {
  expect([0, 999, 1_000, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567'])
  expect([formatPlural(1, 'request'), formatPlural(2_000, 'request')]).toEqual(['1 request', '2,000 requests'])
  expect([formatPlural(0, 'retry', 'retries'), formatPlural(1, 'retry', 'retries')]).toEqual(['0 retries', '1 retry'])
})

test('lists: commas, and the last word after “and”', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(formatList)).toEqual(['', 'a', 'a and b', 'a, b and c'])
})

describe('percentages', () => {
  test.each([
    [133, 5_118, '2.6 %'],
    [21, 4_998, '0.42 %'],
    [47, 100, '47 %'],
    [0, 5_000, '0 %'],
    [5_000, 5_000, '100 %'],
    [1, 1_000_000, '<0.01 %'],
    [4_999_999, 5_000_000, '>99.9 %'],
    [0, 0, '–'],
  ])('%i of %i is %s', (part, whole, text) => {
    expect(formatPercent(part, whole)).toBe(text)
  })

  test('0 % and 100 % stand only for nothing and for everything', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 1, noNaN: true }), (whole, share) => {
        const part = Math.round(share * whole)
        const text = formatPercent(part, whole)
        expect(text === '0 %').toBe(part === 0)
        expect(text === '100 %').toBe(part === whole)
      }),
    )
  })
})

const unitUs = { µs: 1, ms: 1_000, s: 1_000_000, min: 60_000_000, h: 3_600_000_000 }

/** The duration that a reader would understand, in µs. */
function readDuration(text: string): number {
  return [...text.matchAll(/([\d.,]+) (µs|ms|s|min|h)/g)].reduce(
    (sum, [, value = '', unit = '']) => sum + Number(value.replaceAll(',', '')) * unitUs[unit as keyof typeof unitUs],
    0,
  )
}

describe('durations', () => {
  test.each([
    [null, '–'],
    [0, '0 ms'],
    [400, '400 µs'],
    [999, '999 µs'],
    [9_996, '10 ms'],
    [12_345, '12.3 ms'],
    [12.345, '12.3 µs'],
    [999_499, '999 ms'],
    [999_500, '1 s'],
    [2_350_000, '2.35 s'],
    [60_000_000, '60 s'],
    [99_950_000, '1 min 40 s'],
    [120_000_000, '2 min'],
    [7_500_000_000, '2 h 5 min'],
    [-1_500, '−1.5 ms'],
  ])('%s µs reads %s', (us, text) => {
    expect(formatDuration(us)).toBe(text)
  })

  test('what is read is within half a per cent, or half a minute of hours', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90_000_000_000 }), (us) => {
        const allowed = us < 3_599_500_000 ? us * 0.00505 : 30_500_000
        expect(Math.abs(readDuration(formatDuration(us)) - us)).toBeLessThanOrEqual(allowed)
      }),
    )
  })

  test('a longer duration never reads shorter', () => {
    const us = fc.integer({ min: 0, max: 10_000_000_000 })
    fc.assert(
      fc.property(us, us, (a, b) => {
        const [short, long] = [Math.min(a, b), Math.max(a, b)].map(formatDuration).map(readDuration)
        expect(short).toBeLessThanOrEqual(long!)
      }),
    )
  })
})

test('ranges: one unit, and one duration where both ends read the same', () => {
  expect(formatDurationRange(0, 910_000)).toBe('0–910 ms')
  expect(formatDurationRange(240_000, 9_400_000)).toBe('0.2–9.4 s')
  expect(formatDurationRange(5_000, 5_000)).toBe('5 ms')
  expect(formatDurationRange(5_000_000, 125_000_000)).toBe('5 s to 2 min 5 s')
})

test('instants: seconds from an origin to the millisecond, signed', () => {
  expect(formatInstant(7_314_400, 5_000_000)).toBe('+2.314 s')
  expect(formatInstant(4_999_000, 5_000_000)).toBe('−0.001 s')
  expect(formatInstant(null, 0)).toBe('–')
})

describe('measured durations', () => {
  test.each([
    [3_942_000, 6_000, '3.94 s'],
    [3_942_000, 33_000, '3.9 s'],
    [3_942_000, 120_000, '3.9 s'],
    [3_942_000, 600_000, '4 s'],
    [951_000, 12_000, '0.95 s'],
    [30_400, 12_000, '0.03 s'],
    [30_400, 1_000, '30 ms'],
    [30_400, 0, '30.4 ms'],
    [4_100_000, 10_000, '4.10 s'],
    [2_000, 33_000, 'under 0.1 s'],
    [0, 5_500, 'under 0.01 s'],
    [-951_000, 12_000, '−0.95 s'],
    [125_000_000, 33_000, '2 min 5 s'],
  ])('%i µs, known to within %i, read %s', (us, errorUs, text) => {
    expect(formatMeasured(us, errorUs)).toBe(text)
  })

  test('what is written is within the error, or three digits, of what was measured', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90_000_000 }), fc.integer({ min: 0, max: 400_000 }), (us, errorUs) => {
        const [value, unit] = formatMeasured(us, errorUs).split(' ')
        const scale = { s: 1_000_000, ms: 1_000, µs: 1 }[unit ?? ''] ?? 0
        fc.pre(value !== 'under')
        expect(Math.abs(Number(value) * scale - us)).toBeLessThanOrEqual(Math.max(2.5 * errorUs, us / 190, 0.5))
      }),
    )
  })
})
