/** The data of a run for the page's script: packed on the server and unpacked in the browser by this file. */
import { requestFields } from '../../model/record.ts'
import type { RequestRecord } from '../../model/record.ts'
import type { TimeBucket } from '../../model/figures/latency.ts'
import type { Loss, PhaseSpan, PodTimeline } from '../../model/result.ts'
import type { AccessLogExcerpt, PodAccessLogEntry } from '../../model/server-logs.ts'
import { showInvisible } from '../report/escape-html.ts'
import type { TimeScale } from '../timeline/timeline-geometry.ts'

/** The content of a run's `<script type="application/json">`. */
export interface RunPayload {
  runId: string
  /** Its name in lists: `naive, round 2`. */
  name: string
  configuration: string
  scale: TimeScale
  phases: PhaseSpan[]
  pods: PodTimeline[]
  /** A lane with more lost requests draws them as bars. */
  markLimit: number
  bucketUs: number
  /** `fromUs, ok, lost, p50Us, p99Us, maxUs` of each bucket. */
  buckets: [number, number, number, number | null, number | null, number | null][]
  /** Those that the page contains: a part, if there are very many. */
  losses: PackedLosses
  /** What servers logged around these losses. */
  logExcerpts: PackedExcerpt[]
}

/**
 * Thousands of lost requests must stay small: values are in the order of the fields below. Each text is stored once, and so is each group
 * of values that many requests share, such as a moment in a pod's life.
 */
export interface PackedLosses {
  texts: string[]
  shared: PackedFields[]
  rows: unknown[][]
}

const requestNumbers = requestFields.flatMap(({ name, kind }) =>
  kind === 'count' || kind === 'instant' || kind === 'duration' ? [name] : [],
)
const requestTexts = requestFields.flatMap(({ name, kind }) =>
  kind === 'text' || kind === 'lane' || kind === 'outcome' ? [name] : [],
)
const lossNumbers = [
  'sinceDeletionUs',
  'sinceSignalUs',
  'sinceEndpointRemovedUs',
] as const satisfies readonly (keyof Loss)[]
const lossTexts = ['outcome', 'lostBy', 'phase', 'pod', 'attributedBy'] as const satisfies readonly (keyof Loss)[]

// A field that is added to the model but forgotten here is a type error.
type PackedField =
  | (typeof lossNumbers)[number]
  | (typeof lossTexts)[number]
  | 'request'
  | 'moment'
  | 'served'
  | 'candidates'
  | 'retriedBy'
  | 'podless'
  | 'lostUs'
  | 'stop'
  | 'origin'
true satisfies Exclude<keyof Loss, PackedField> extends never ? true : false

/** Lost requests in the order in which they were lost: their index is their number throughout the page. */
export function sortByDue(losses: readonly Loss[]): Loss[] {
  return losses.toSorted(
    (one, other) =>
      one.lostUs - other.lostUs || one.request.driver - other.request.driver || one.request.seq - other.request.seq,
  )
}

export function packLosses(losses: readonly Loss[]): PackedLosses {
  const texts = new Map<string, number>()
  const numberText = (text: string | null) => (text === null ? null : numberValue(texts, text))
  const shared = new Map<string, number>()
  const shareFields = (fields: PackedFields) => numberValue(shared, JSON.stringify(fields))
  const rows = losses.map((loss) => {
    const { request, moment, served } = loss
    return [
      ...requestNumbers.map((field) => request[field]),
      ...lossNumbers.map((field) => loss[field]),
      ...requestTexts.map((field) => numberText(request[field])),
      ...lossTexts.map((field) => numberText(loss[field])),
      request.settledUs - loss.lostUs,
      moment && [shareFields(packFields(moment, momentFields, numberText)), moment.sinceUs],
      // All losses from the stop of one container share it. Within a text, the payload's own escaping does not see invisible characters.
      numberText(
        loss.stop &&
          JSON.stringify(loss.stop, (_, part: unknown) => (typeof part === 'string' ? showInvisible(part) : part)),
      ),
      [...loss.candidates.map(numberText), ...encodeAbsence(loss)],
      // There are few different sets.
      numberText(loss.retriedBy.join(' ')),
      served && numberText(served.fate),
      served?.lines.map((line) => [
        shareFields(packFields({ ...line, whole: Number(line.whole) }, lineFields, numberText)),
        line.atUs - request.settledUs,
        line.tookUs,
      ]) ?? [],
      // Only losses through an ingress controller have it.
      ...(loss.origin === null ? [] : [numberText(loss.origin)]),
    ]
  })
  return {
    texts: [...texts.keys()],
    shared: [...shared.keys()].map((fields) => JSON.parse(fields) as PackedFields),
    rows,
  }
}

/** The index of a text in a list without duplicates. */
function numberValue(numbers: Map<string, number>, text: string): number {
  const number = numbers.get(text) ?? numbers.size
  numbers.set(text, number)
  return number
}

export function unpackLosses({ texts, shared, rows }: PackedLosses): Loss[] {
  const getText = (number: unknown) => (typeof number === 'number' ? (texts[number] ?? null) : null)
  const unpackShared = (number: number, fields: FieldNames) => unpackFields(shared[number] ?? [], fields, getText)
  return rows.map((row) => {
    const values = row.values()
    const takeValue = () => values.next().value
    const readFields = (fields: readonly string[], from: () => unknown) => fields.map((field) => [field, from()])
    const request = readFields(requestNumbers, takeValue)
    const loss = readFields(lossNumbers, takeValue)
    request.push(...readFields(requestTexts, () => getText(takeValue())))
    loss.push(...readFields(lossTexts, () => getText(takeValue())))
    const whole = Object.fromEntries(request) as RequestRecord
    const lostUs = whole.settledUs - (takeValue() as number)
    const moment = takeValue() as [number, number] | null
    const stop = getText(takeValue())
    const [candidates, podless] = unpackSuspects(takeValue() as number[])
    const retriedBy = (getText(takeValue()) ?? '').split(' ').filter(Boolean)
    const fate = getText(takeValue())
    const lines = (takeValue() as [number, number, number][]).map(([place, sinceUs, tookUs]) => {
      const line = unpackShared(place, lineFields)
      return { ...line, whole: line['whole'] === 1, atUs: whole.settledUs + sinceUs, tookUs }
    })
    const origin = getText(takeValue())
    return {
      ...Object.fromEntries(loss),
      request: whole,
      lostUs,
      moment: moment && { ...unpackShared(moment[0], momentFields), sinceUs: moment[1] },
      stop: stop === null ? null : (JSON.parse(stop) as Loss['stop']),
      candidates: candidates.map(getText),
      podless,
      retriedBy,
      origin,
      served: fate === null ? null : { fate, lines },
    } as Loss
  })
}

/** Few losses have it: it is stored after the indexes of the candidates, as a negative number. */
const podlessCodes = { possible: -1, certain: -2 } as const

function encodeAbsence({ podless }: Loss): number[] {
  return podless === null ? [] : [podlessCodes[podless]]
}

function unpackSuspects(numbers: readonly number[]): [candidates: number[], podless: Loss['podless']] {
  const last = numbers.at(-1)
  const podless = last === podlessCodes.possible ? 'possible' : last === podlessCodes.certain ? 'certain' : null
  return [numbers.filter((number) => number >= 0), podless]
}

type PackedFields = readonly (number | null)[]
type LossMoment = NonNullable<Loss['moment']>
interface FieldNames {
  numbers: readonly string[]
  texts: readonly string[]
}

const momentFields = {
  numbers: ['atUs', 'errorUs'],
  texts: ['name', 'container', 'source', 'detail'],
} as const satisfies FieldNames
const lineFields = {
  numbers: ['errorUs', 'status', 'whole'],
  texts: ['pod', 'container', 'role', 'upstream'],
} as const satisfies FieldNames
type MomentField = (typeof momentFields.numbers | typeof momentFields.texts)[number] | 'sinceUs'
type LineField = (typeof lineFields.numbers | typeof lineFields.texts)[number] | 'atUs' | 'tookUs'
true satisfies Exclude<keyof LossMoment, MomentField> extends never ? true : false
true satisfies Exclude<keyof PodAccessLogEntry, LineField> extends never ? true : false

function packFields<N extends string, T extends string>(
  values: Record<N, number> & Record<T, string | null>,
  { numbers, texts }: { numbers: readonly N[]; texts: readonly T[] },
  textNumber: (text: string | null) => number | null,
): PackedFields {
  return [...numbers.map((field) => values[field]), ...texts.map((field) => textNumber(values[field]))]
}

function unpackFields(
  packed: PackedFields,
  { numbers, texts }: FieldNames,
  textOf: (number: unknown) => string | null,
): Record<string, unknown> {
  return Object.fromEntries([
    ...numbers.map((field, index) => [field, packed[index]]),
    ...texts.map((field, index) => [field, textOf(packed[numbers.length + index])]),
  ]) as Record<string, unknown>
}

export function packBucket(bucket: TimeBucket): RunPayload['buckets'][number] {
  return [bucket.fromUs, bucket.ok, bucket.lost, bucket.p50Us, bucket.p99Us, bucket.maxUs]
}

export function unpackBucket([fromUs, ok, lost, p50Us, p99Us, maxUs]: RunPayload['buckets'][number]): TimeBucket {
  return { fromUs, ok, lost, p50Us, p99Us, maxUs }
}

/** For each line `driver, seq`, the time since the previous line, the duration of the request in µs, and its status. */
export interface PackedExcerpt extends Omit<AccessLogExcerpt, 'lines'> {
  lines: [driver: number, seq: number, sinceUs: number, tookUs: number, status: number][]
}

export function packExcerpt({ lines, ...log }: AccessLogExcerpt): PackedExcerpt {
  return {
    ...log,
    lines: lines.map(({ driver, seq, atUs, tookUs, status }, place) => {
      return [driver, seq, atUs - (lines[place - 1]?.atUs ?? 0), tookUs, status]
    }),
  }
}

export function unpackExcerpt({ lines, ...log }: PackedExcerpt): AccessLogExcerpt {
  let atUs = 0
  return {
    ...log,
    lines: lines.map(([driver, seq, sinceUs, tookUs, status]) => {
      atUs += sinceUs
      return { driver, seq, atUs, tookUs, status }
    }),
  }
}

/** The name of a request in links and tables: `driver-seq`. */
export function formatRequestName(request: Pick<RequestRecord, 'driver' | 'seq'>): string {
  return `${request.driver}-${request.seq}`
}
