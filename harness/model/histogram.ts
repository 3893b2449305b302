/**
 * Times counted in buckets, as HdrHistogram counts them with two significant digits and a unit of 1 µs: below 256 µs each µs has a
 * bucket of its own, and above every doubling is cut into 128 of equal width. So 300 µs is in [300, 302), 100 ms in
 * [99,840, 100,352) µs. A bucket's highest value is at most 1/128 above any other in it.
 */

export interface Histogram {
  /** Alternately the number of a bucket and its count; buckets in ascending order, none empty. */
  counts: number[]
  /** The largest time, exact. */
  maxUs: number
}

/** How much too high a quantile may be, as a share of it; it is never too low. */
export const histogramPrecision: number = 1 / 128

/** The bucket of a time. */
export function toBucket(us: number): number {
  if (us < 256) return Math.max(0, Math.floor(us))
  const doublings = Math.floor(Math.log2(us)) - 7
  return 128 * doublings + Math.floor(us / 2 ** doublings)
}

/** The highest time in a bucket. */
export function getBucketUpperBound(bucket: number): number {
  if (bucket < 256) return bucket
  const doublings = Math.floor(bucket / 128) - 1
  return (bucket - 128 * doublings + 1) * 2 ** doublings - 1
}

export function buildHistogram(times: ArrayLike<number>): Histogram {
  const sorted = Float64Array.from(times).sort()
  const counts: number[] = []
  for (const us of sorted) {
    const bucket = toBucket(us)
    if (counts.at(-2) === bucket) counts[counts.length - 1]! += 1
    else counts.push(bucket, 1)
  }
  return { counts, maxUs: sorted.at(-1) ?? 0 }
}

/** Sums histograms; its size depends on the longest time, not on the number of samples. */
export class HistogramAccumulator {
  #counts = new Float64Array(512)
  /** The number of places of `#counts` that may be in use. */
  #length = 0
  #maxUs = 0

  get maxUs(): number {
    return this.#maxUs
  }

  add({ counts, maxUs }: Histogram): void {
    for (let place = 0; place < counts.length; place += 2) this.addCount(counts[place]!, counts[place + 1]!)
    this.raiseMax(maxUs)
  }

  addCount(bucket: number, count: number): void {
    if (bucket >= this.#length) this.#lengthen(bucket + 1)
    this.#counts[bucket]! += count
  }

  /** Sets the largest time to at least this one. */
  raiseMax(us: number): void {
    if (us > this.#maxUs) this.#maxUs = us
  }

  clear(): void {
    this.#counts.fill(0, 0, this.#length)
    this.#length = 0
    this.#maxUs = 0
  }

  toHistogram(): Histogram {
    const counts: number[] = []
    this.forEachBucket((bucket, count) => counts.push(bucket, count))
    return { counts, maxUs: this.#maxUs }
  }

  /** Visits buckets in ascending order, without empty ones. */
  forEachBucket(tell: (bucket: number, count: number) => void): void {
    for (let bucket = 0; bucket < this.#length; bucket++) {
      const count = this.#counts[bucket]!
      if (count > 0) tell(bucket, count)
    }
  }

  #lengthen(length: number): void {
    this.#length = length
    if (length <= this.#counts.length) return
    const larger = new Float64Array(Math.max(length, 2 * this.#counts.length))
    larger.set(this.#counts)
    this.#counts = larger
  }
}

/** The number of times in a histogram. */
export function countSamples({ counts }: Histogram): number {
  let sum = 0
  for (let place = 1; place < counts.length; place += 2) sum += counts[place]!
  return sum
}

/** Returns a histogram with the times of both. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  const counts: number[] = []
  let [left, right] = [0, 0]
  while (left < a.counts.length || right < b.counts.length) {
    const one = a.counts[left] ?? Infinity
    const other = b.counts[right] ?? Infinity
    let count = 0
    if (one <= other) count += a.counts[left + 1]!
    if (other <= one) count += b.counts[right + 1]!
    counts.push(Math.min(one, other), count)
    if (one <= other) left += 2
    if (other <= one) right += 2
  }
  return { counts, maxUs: Math.max(a.maxUs, b.maxUs) }
}
