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
  losses: PackedLosses
}

/** Thousands of lost requests must stay small: values in the order of the fields below, each text only once. */
export interface PackedLosses {
  texts: string[]
  rows: unknown[][]
}

const requestNumbers = [
  'seq',
  'driver',
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
  'localPort',
] as const satisfies readonly (keyof RequestRecord)[]
const requestTexts = [
  'lane',
  'outcome',
  'pod',
  'previousPod',
  'detail',
] as const satisfies readonly (keyof RequestRecord)[]
const lossNumbers = [
  'sinceDeletionUs',
  'sinceSignalUs',
  'sinceEndpointRemovedUs',
  'hiddenByRetry',
] as const satisfies readonly (keyof Loss)[]
const lossTexts = ['outcome', 'phase', 'pod', 'attributedBy'] as const satisfies readonly (keyof Loss)[]

// A field that is added to the model and forgotten here is a type error.
type Packed =
  | (typeof requestNumbers)[number]
  | (typeof requestTexts)[number]
  | (typeof lossNumbers)[number]
  | (typeof lossTexts)[number]
  | 'request'
  | 'moment'
  | 'candidates'
true satisfies Exclude<keyof RequestRecord | keyof Loss, Packed> extends never ? true : false

/** Lost requests in the order in which they failed: their index is their number throughout the page. */
export function inOrder(losses: readonly Loss[]): Loss[] {
  return losses.toSorted(
    ({ request: a }, { request: b }) => a.settledUs - b.settledUs || a.driver - b.driver || a.seq - b.seq,
  )
}

export function packLosses(losses: readonly Loss[]): PackedLosses {
  const numbers = new Map<string, number>()
  const numberOf = (text: string | null) => {
    if (text === null) return null
    const number = numbers.get(text) ?? numbers.size
    numbers.set(text, number)
    return number
  }
  const rows = losses.map((loss) => {
    const { request, moment } = loss
    return [
      ...requestNumbers.map((field) => request[field]),
      ...lossNumbers.map((field) => loss[field]),
      ...requestTexts.map((field) => numberOf(request[field])),
      ...lossTexts.map((field) => numberOf(loss[field])),
      moment && packMoment(moment, numberOf),
      loss.candidates.map(numberOf),
    ]
  })
  return { texts: [...numbers.keys()], rows }
}

export function unpackLosses({ texts, rows }: PackedLosses): Loss[] {
  const textOf = (number: unknown) => (typeof number === 'number' ? (texts[number] ?? null) : null)
  return rows.map((row) => {
    const values = row.values()
    const take = () => values.next().value
    const read = (fields: readonly string[], from: () => unknown) => fields.map((field) => [field, from()])
    const request = read(requestNumbers, take)
    const loss = read(lossNumbers, take)
    request.push(...read(requestTexts, () => textOf(take())))
    loss.push(...read(lossTexts, () => textOf(take())))
    const moment = take() as PackedMoment | null
    const candidates = take() as number[]
    return {
      ...Object.fromEntries(loss),
      request: Object.fromEntries(request),
      moment: moment && unpackMoment(moment, textOf),
      candidates: candidates.map(textOf),
    } as Loss
  })
}

type PackedMoment = readonly (number | null)[]
const momentNumbers = ['atUs', 'errorUs', 'sinceUs'] as const
const momentTexts = ['name', 'container', 'source', 'detail'] as const
type Moment = NonNullable<Loss['moment']>
true satisfies Exclude<keyof Moment, (typeof momentNumbers)[number] | (typeof momentTexts)[number]> extends never
  ? true
  : false

function packMoment(moment: Moment, numberOf: (text: string | null) => number | null): PackedMoment {
  return [...momentNumbers.map((field) => moment[field]), ...momentTexts.map((field) => numberOf(moment[field]))]
}

function unpackMoment(packed: PackedMoment, textOf: (number: unknown) => string | null): Record<string, unknown> {
  const numbers = momentNumbers.map((field, index) => [field, packed[index]])
  const texts = momentTexts.map((field, index) => [field, textOf(packed[momentNumbers.length + index])])
  return Object.fromEntries([...numbers, ...texts]) as Record<string, unknown>
}

export function packBucket(bucket: Bucket): RunPayload['buckets'][number] {
  return [bucket.fromUs, bucket.ok, bucket.lost, bucket.p50Us, bucket.p99Us, bucket.maxUs]
}

/** The name of a request in links and tables: `driver-seq`. */
export function requestName(request: RequestRecord): string {
  return `${request.driver}-${request.seq}`
}
