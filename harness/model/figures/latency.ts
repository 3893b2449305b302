/** Latency over time and by percentile, from the instant a request was due: parts of `analysis.json`. */

/** Half-open `[fromUs, fromUs + bucketUs)` by due time. */
export interface TimeBucket {
  fromUs: number
  ok: number
  lost: number
  p50Us: number | null
  p99Us: number | null
  maxUs: number | null
}

/** For `ok` requests of all the workload's lanes that were due in one phase. */
export interface LatencyCurve {
  phase: 'before' | 'during' | 'after'
  count: number
  /** The quantiles at `listCurveShares(count)`, in ascending order; the last one is the largest time. */
  us: number[]
}

/** Steps for each halving of the distance to 100 %. */
const ticksPerHalfDistance = 5

/**
 * The shares from 0 to 1 at which a curve of `count` samples has points: five for each halving of the distance to 1, as in HdrHistogram's
 * percentile iterator (PercentileIterator.java, `percentileTicksPerHalfDistance`), until less than one sample is left.
 */
export function listCurveShares(count: number): number[] {
  const shares: number[] = []
  if (count === 0) return shares
  for (let left = 1; ; left /= 2) {
    for (let tick = 0; tick < ticksPerHalfDistance; tick++) {
      const beyond = left * (1 - tick / (2 * ticksPerHalfDistance))
      if (beyond * count < 1) return [...shares, 1]
      shares.push(1 - beyond)
    }
  }
}
