/** Exact quantiles, by the definition of the nearest rank: the smallest sample that at least the share q of all does not exceed. */
import { highestIn, histogramOf, merged, sizeOf } from '../../model/histogram.ts'
import type { Histogram } from '../../model/histogram.ts'
import type { Quantiles } from '../../model/result.ts'
import type { RequestTable } from '../facts/request-table.ts'

/**
 * The largest of n samples is below the true quantile q with probability q^n. Only from ln 0.05 / ln q samples on is that
 * less than 5 %, so that the samples bound the quantile at all: 2,995 for p99.9 (the distribution-free bound of Hahn and
 * Meeker, Statistical Intervals). p50, p90 and p99 are given for any number: they describe the samples.
 */
export function samplesToBound(quantile: number): number {
  return Math.ceil(Math.log(0.05) / Math.log(quantile))
}

const p999Samples = samplesToBound(0.999)

/**
 * The quantiles of `samples`, which it sorts, and of those that are only counted, if there are any: then a quantile is the highest
 * time of the bucket that it is in, and the largest time is exact all the same.
 */
export function quantilesOf(samples: Float64Array, counted?: Histogram): Quantiles {
  if (counted && counted.counts.length > 0) return quantilesIn(merged(histogramOf(samples), counted))
  samples.sort()
  const count = samples.length
  return {
    count,
    p50Us: nearestRank(samples, 0.5),
    p90Us: nearestRank(samples, 0.9),
    p99Us: nearestRank(samples, 0.99),
    p999Us: count < p999Samples ? null : nearestRank(samples, 0.999),
    maxUs: count === 0 ? null : nearestRank(samples, 1),
  }
}

function quantilesIn(histogram: Histogram): Quantiles {
  const count = sizeOf(histogram)
  const at = (quantile: number): number => {
    let left = rankOf(quantile, count)
    let place = 0
    while ((left -= histogram.counts[place + 1] ?? left) > 0) place += 2
    return Math.min(highestIn(histogram.counts[place] ?? 0), histogram.maxUs)
  }
  const p999Us = count < p999Samples ? null : at(0.999)
  return { count, p50Us: at(0.5), p90Us: at(0.9), p99Us: at(0.99), p999Us, maxUs: histogram.maxUs }
}

/** Of samples in ascending order. Of 10 samples, p50 is the 5th and p99 the 10th. */
export function nearestRank(sorted: Float64Array, quantile: number): number | null {
  return sorted[rankOf(quantile, sorted.length) - 1] ?? null
}

/** From 1. */
function rankOf(quantile: number, count: number): number {
  // The product may come out a little above a whole number it should equal: 0.07 × 100 gives 7.000000000000001.
  return Math.max(Math.ceil(Number((quantile * count).toPrecision(12))), 1)
}

/** What `value` gives for each request that `keep` lets through. */
export function gathered(
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
