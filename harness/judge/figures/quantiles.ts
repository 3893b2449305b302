/** Exact quantiles by nearest rank: the smallest sample such that at least the share q of all samples does not exceed it. */
import { getBucketUpperBound, buildHistogram, mergeHistograms, countSamples } from '../../model/histogram.ts'
import type { Histogram } from '../../model/histogram.ts'
import type { Quantiles } from '../../model/result.ts'
import type { RequestTable } from '../facts/request-table.ts'

/**
 * The largest of n samples is below the true quantile q with probability q^n. Only from ln 0.05 / ln q samples on is that
 * less than 5 %, so that the samples bound the quantile at all: 2,995 for p99.9 (the distribution-free bound of Hahn and
 * Meeker, Statistical Intervals). p50, p90 and p99 are given for any number: they describe the samples.
 */
export function computeSamplesToBound(quantile: number): number {
  return Math.ceil(Math.log(0.05) / Math.log(quantile))
}

const p999Samples = computeSamplesToBound(0.999)

/**
 * The quantiles of `samples`, which it sorts, together with counted requests, if any. A quantile is then the highest time of its bucket,
 * but the largest time is still exact.
 */
export function computeQuantiles(samples: Float64Array, counted?: Histogram): Quantiles {
  const { count, findUs } = orderSamples(samples, counted)
  return {
    count,
    p50Us: findUs(0.5),
    p90Us: findUs(0.9),
    p99Us: findUs(0.99),
    p999Us: count < p999Samples ? null : findUs(0.999),
    maxUs: findUs(1),
  }
}

/** The quantiles at the shares that `listShares` gives for the number of samples, in their order; arguments as for `computeQuantiles`. */
export function findQuantiles(
  samples: Float64Array,
  counted: Histogram,
  listShares: (count: number) => number[],
): { count: number; us: number[] } {
  const { count, findUs } = orderSamples(samples, counted)
  return { count, us: listShares(count).map((share) => findUs(share)!) }
}

/** `findUs`: the time at a quantile, `null` without a sample. */
function orderSamples(
  samples: Float64Array,
  counted?: Histogram,
): { count: number; findUs: (quantile: number) => number | null } {
  if (counted && counted.counts.length > 0) {
    const histogram = mergeHistograms(buildHistogram(samples), counted)
    const count = countSamples(histogram)
    return { count, findUs: (quantile) => findHistogramRank(histogram, computeRank(quantile, count)) }
  }
  samples.sort()
  return { count: samples.length, findUs: (quantile) => findNearestRank(samples, quantile) }
}

/** The highest time of the bucket with the sample of this rank. */
function findHistogramRank({ counts, maxUs }: Histogram, rank: number): number {
  let left = rank
  let place = 0
  while ((left -= counts[place + 1] ?? left) > 0) place += 2
  return Math.min(getBucketUpperBound(counts[place] ?? 0), maxUs)
}

/** For samples in ascending order. Of 10 samples, p50 is the 5th and p99 the 10th. */
export function findNearestRank(sorted: Float64Array, quantile: number): number | null {
  return sorted[computeRank(quantile, sorted.length) - 1] ?? null
}

/** From 1. */
function computeRank(quantile: number, count: number): number {
  // Floating point may give slightly more than a whole number: 0.07 × 100 gives 7.000000000000001.
  return Math.max(Math.ceil(Number((quantile * count).toPrecision(12))), 1)
}

/** The results of `value` for each request that `keep` accepts. */
export function collectValues(
  requests: RequestTable,
  keep: (index: number) => boolean,
  value: (index: number) => number,
): Float64Array {
  let count = 0
  for (let index = 0; index < requests.size; index++) if (keep(index)) count++
  const values = new Float64Array(count)
  let place = 0
  for (let index = 0; index < requests.size; index++) if (keep(index)) values[place++] = value(index)
  return values
}
