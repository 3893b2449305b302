/** Latency and losses over time, for the charts. */
import { aggregationSpanUs } from '../../model/request-summary.ts'
import type { TimeBucket } from '../../model/figures/latency.ts'
import type { PhaseSpan } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { computeQuantiles } from './quantiles.ts'

/** The maximum number that a chart can show side by side. */
const maxBuckets = 300
/** With fewer requests in a bucket its p99 is random. */
const minRequestsPerBucket = 20
const minBucketUs = 10_000

export interface Buckets {
  bucketUs: number
  buckets: TimeBucket[]
}

/**
 * From the first phase to the last, without gaps; by due time, half-open. Where requests were aggregated, buckets consist of whole spans of
 * a summary, so the first may begin a little before its phase.
 */
export function computeBuckets({ requests }: Evidence, phases: readonly PhaseSpan[]): Buckets {
  const unitUs = requests.aggregated.size === 0 ? 1 : aggregationSpanUs
  const fromUs = Math.floor((phases[0]?.fromUs ?? 0) / unitUs) * unitUs
  const lengthUs = (phases.at(-1)?.toUs ?? 0) - fromUs
  const bucketUs = chooseBucketUs(lengthUs, requests.total, unitUs)
  const size = Math.ceil(lengthUs / bucketUs)
  const latencies: number[][] = Array.from({ length: size }, () => [])
  const lost = Array.from({ length: size }, () => 0)
  for (let index = 0; index < requests.size; index++) {
    const place = Math.floor((requests.dueUs(index) - fromUs) / bucketUs)
    if (requests.isOk(index)) latencies[place]?.push(requests.latencyUs(index))
    else if (requests.wasSent(index) && place >= 0 && place < size) lost[place]! += 1
  }
  const counted = requests.aggregated.cells.mergeLatencies(size, ({ dueUs }) => Math.floor((dueUs - fromUs) / bucketUs))
  const buckets = latencies.map((values, place): TimeBucket => {
    const { count, p50Us, p99Us, maxUs } = computeQuantiles(Float64Array.from(values), counted[place])
    return { fromUs: fromUs + place * bucketUs, ok: count, lost: lost[place] ?? 0, p50Us, p99Us, maxUs }
  })
  return { bucketUs, buckets }
}

/** The smallest of 10, 25, 50, 100, 250 ms … that is large enough for the chart and the figures. */
function chooseBucketUs(lengthUs: number, requests: number, wholeUs: number): number {
  const leastUs = Math.max(
    lengthUs / maxBuckets,
    (lengthUs * minRequestsPerBucket) / Math.max(requests, minRequestsPerBucket),
  )
  for (let unitUs = minBucketUs; ; unitUs *= 10) {
    const size = [1, 2.5, 5].map((times) => times * unitUs).find((us) => us >= leastUs && us % wholeUs === 0)
    if (size !== undefined) return size
  }
}
