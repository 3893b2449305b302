/** What the page's script knows of a run: packed on the server, unpacked in the browser by the same file. */
import type { RequestRecord } from '../model/record.ts'
import type { Bucket, Loss } from '../model/result.ts'
import type { TimeScale } from './geometry.ts'

/** The content of a run's `<script type="application/json">`. */
export interface RunPayload {
  runId: string
  scale: TimeScale
  bucketUs: number
  /** `fromUs, ok, lost, p50Us, p99Us, maxUs` of each bucket. */
  buckets: [number, number, number, number | null, number | null, number | null][]
  /** One list for each lost request, in the order of `lossFields`; thousands of them must stay small. */
  losses: unknown[][]
}

const requestFields = [
  'seq',
  'driver',
  'lane',
  'outcome',
  'dueUs',
  'sentUs',
  'connectedUs',
  'firstByteUs',
  'settledUs',
  'status',
  'connection',
  'use',
  'idleUs',
  'bytes',
  'pod',
  'previousPod',
  'localPort',
  'detail',
] as const satisfies readonly (keyof RequestRecord)[]

const lossFields = [
  'outcome',
  'phase',
  'pod',
  'attributedBy',
  'candidates',
  'moment',
  'sinceDeletionUs',
  'sinceSignalUs',
  'sinceEndpointRemovedUs',
  'hiddenByRetry',
] as const satisfies readonly (keyof Loss)[]

/** Lost requests in the order in which they failed: their index is their number throughout the page. */
export function inOrder(losses: readonly Loss[]): Loss[] {
  return losses.toSorted(
    ({ request: a }, { request: b }) => a.settledUs - b.settledUs || a.driver - b.driver || a.seq - b.seq,
  )
}

export function packLoss(loss: Loss): unknown[] {
  return [...requestFields.map((field) => loss.request[field]), ...lossFields.map((field) => loss[field])]
}

export function unpackLoss(values: readonly unknown[]): Loss {
  const request = Object.fromEntries(requestFields.map((field, index) => [field, values[index]]))
  const rest = lossFields.map((field, index) => [field, values[requestFields.length + index]])
  return { request, ...Object.fromEntries(rest) } as unknown as Loss
}

export function packBucket(bucket: Bucket): RunPayload['buckets'][number] {
  return [bucket.fromUs, bucket.ok, bucket.lost, bucket.p50Us, bucket.p99Us, bucket.maxUs]
}

/** The name of a request in links and tables: `driver-seq`. */
export function requestName(request: RequestRecord): string {
  return `${request.driver}-${request.seq}`
}
