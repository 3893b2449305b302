import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  HistogramAccumulator,
  buildHistogram,
  countSamples,
  getBucketUpperBound,
  histogramPrecision,
  mergeHistograms,
  toBucket,
} from './histogram.ts'
import type { Histogram } from './histogram.ts'

/** Up to a year. */
const time = fc.oneof(fc.nat(1_000), fc.nat(1e6), fc.nat(2 ** 45))
const times = fc.array(time, { maxLength: 60 })

describe('buckets', () => {
  test.each<[us: number, highest: number]>([
    [0, 0],
    [255, 255],
    [256, 257],
    [300, 301],
    [301, 301],
    [302, 303],
    [511, 511],
    [512, 515],
    [99_840, 100_351],
    [100_000, 100_351],
    [100_352, 100_863],
  ])('%i µs is in one that reaches to %i', (us, highest) => {
    expect(getBucketUpperBound(toBucket(us))).toBe(highest)
  })

  test('a bucket holds what is up to its highest value, and that is at most 1/128 above any of it', () => {
    fc.assert(
      fc.property(time, (us) => {
        const bucket = toBucket(us)
        const highest = getBucketUpperBound(bucket)
        expect(us).toBeLessThanOrEqual(highest)
        expect(highest - us).toBeLessThanOrEqual(us * histogramPrecision)
        expect(toBucket(highest)).toBe(bucket)
        expect(toBucket(highest + 1)).toBe(bucket + 1)
      }),
    )
  })

  test('a clock that went back a little gives no bucket below the first', () => {
    expect(toBucket(-3)).toBe(0)
  })
})

describe('histograms', () => {
  test('count every time once, in ascending buckets, and keep the largest as it is', () => {
    fc.assert(
      fc.property(times, (all) => {
        const { counts, maxUs } = buildHistogram(all)
        const buckets = counts.filter((_, place) => place % 2 === 0)
        expect(buckets).toEqual([...new Set(all.map(toBucket))].toSorted((a, b) => a - b))
        for (const [place, bucket] of buckets.entries())
          expect(counts[2 * place + 1]).toBe(all.filter((us) => toBucket(us) === bucket).length)
        expect(maxUs).toBe(Math.max(0, ...all))
        expect(countSamples({ counts, maxUs })).toBe(all.length)
      }),
    )
  })

  test('of two are together what one of all times is, in whichever order', () => {
    fc.assert(
      fc.property(times, times, (some, others) => {
        const whole = buildHistogram([...some, ...others])
        const [a, b] = [buildHistogram(some), buildHistogram(others)]
        expect(mergeHistograms(a, b)).toEqual(whole)
        expect(mergeHistograms(b, a)).toEqual(whole)
      }),
    )
  })

  test('added up are what one of all times is, also after an earlier sum was cleared', () => {
    fc.assert(
      fc.property(fc.array(times, { maxLength: 6 }), times, (parts, earlier) => {
        const sum = new HistogramAccumulator()
        sum.add(buildHistogram(earlier))
        sum.clear()
        expect([sum.maxUs, sum.toHistogram()]).toEqual([0, { counts: [], maxUs: 0 }])
        for (const part of parts) sum.add(buildHistogram(part))
        expect(sum.toHistogram()).toEqual(buildHistogram(parts.flat()))
      }),
    )
  })

  test('that were made of a sum do not change with it', () => {
    const sum = new HistogramAccumulator()
    sum.add(buildHistogram([5, 5, 900]))
    const before: Histogram = sum.toHistogram()
    sum.addCount(5, 1)
    sum.raiseMax(1_000)
    expect(before).toEqual({ counts: [5, 2, toBucket(900), 1], maxUs: 900 })
    expect(sum.toHistogram()).toEqual({ counts: [5, 3, toBucket(900), 1], maxUs: 1_000 })
  })
})
