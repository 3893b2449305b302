/**
 * A summary of requests as one JSON array, in the manner of a request's (see request-line.ts):
 *
 *     ["summary", driver, from, length, slow, settled, stride, [seq, count, gap, count, …], firstDue, lastDue,
 *      lag, [[lane, pod, latency, fresh], …]]
 *
 * `from` is µs on the run's clock and the other times are µs since it, but for `slow`, which is a duration. A gap is how far a run of
 * numbers begins behind the place after the run before it. A histogram is `[max, bucket, count, step, count, …]`, a step
 * the distance from the bucket before; `fresh` is `[firstSent, lastSent, lastConnected]` or null. Three requests numbered 8, 9
 * and 12 with `stride` 1 have `[8,2,2,1]`.
 */
import { bucketOf, sizeOf } from '../model/histogram.ts'
import type { Histogram } from '../model/histogram.ts'
import { lanes } from '../model/plan.ts'
import { mostSummarised, summaryUs } from '../model/request-summary.ts'
import type { RequestSummary, SummaryGroup } from '../model/request-summary.ts'
import { LogError, shown } from './log-error.ts'

export const summaryTag = 'summary'
const fieldCount = 12
const groupFieldCount = 4
const lastBucket = bucketOf(Number.MAX_SAFE_INTEGER)
const laneNames: ReadonlySet<unknown> = new Set(lanes)

export function encodeSummary(summary: RequestSummary): string {
  check(summary)
  const { driver, fromUs, toUs, slowUs, settledUs, stride, firstDueUs, lastDueUs } = summary
  let next = 0
  const seqs = summary.seqs.flatMap(({ first, count }) => {
    const gap = first - next
    next = first + count * stride
    return [gap, count]
  })
  const groups = summary.groups.map(({ lane, pod, latency, fresh }) => [
    lane,
    pod,
    packed(latency),
    fresh && [fresh.firstSentUs - fromUs, fresh.lastSentUs - fromUs, fresh.lastConnectedUs - fromUs],
  ])
  const times = [fromUs, toUs - fromUs, slowUs, settledUs - fromUs]
  const dues = [firstDueUs - fromUs, lastDueUs - fromUs]
  return JSON.stringify([summaryTag, driver, ...times, stride, seqs, ...dues, packed(summary.lag), groups])
}

/** Throws a LogError for anything but what `encodeSummary` writes. */
export function decodeSummary(fields: readonly unknown[]): RequestSummary {
  if (fields.length !== fieldCount) throw new LogError(`a summary has ${fieldCount} fields, found ${fields.length}`)
  const fromUs = whole(fields[2])
  const stride = whole(fields[6])
  const summary: RequestSummary = {
    driver: whole(fields[1]),
    fromUs,
    toUs: fromUs + whole(fields[3]),
    slowUs: whole(fields[4]),
    settledUs: fromUs + whole(fields[5]),
    stride,
    seqs: runsOf(wholes(fields[7]), stride),
    firstDueUs: fromUs + whole(fields[8]),
    lastDueUs: fromUs + whole(fields[9]),
    lag: unpacked(fields[10]),
    groups: list(fields[11]).map((group) => groupOf(list(group), fromUs)),
  }
  check(summary)
  return summary
}

/** The sums agree, and every request was due in the span of the summary. */
function check({ driver, fromUs, toUs, stride, seqs, firstDueUs, lastDueUs, lag, groups }: RequestSummary): void {
  const requests = seqs.reduce((sum, { count }) => sum + count, 0)
  const grouped = groups.reduce((sum, { latency }) => sum + sizeOf(latency), 0)
  if (!(toUs > fromUs && toUs - fromUs <= summaryUs)) reject(`a span of ${toUs - fromUs} µs`)
  if (requests > mostSummarised) reject(`${requests} requests`)
  if (driver < 0 || stride < 1) reject(`driver ${driver} and stride ${stride}`)
  if (requests !== grouped || requests !== sizeOf(lag))
    reject(`${requests} numbers, ${grouped} latencies, ${sizeOf(lag)} lags`)
  if (requests === 0 || seqs.some(({ first, count }) => first < 0 || count < 1)) reject('a run of no request')
  if (!(fromUs <= firstDueUs && firstDueUs < toUs))
    reject(`requests due at ${firstDueUs}, outside of [${fromUs}, ${toUs})`)
  if (!(fromUs <= lastDueUs && lastDueUs < toUs))
    reject(`requests due at ${lastDueUs}, outside of [${fromUs}, ${toUs})`)
  for (const { lane } of groups) if (!laneNames.has(lane)) reject(`a lane ${shown(lane)}`)
}

function reject(what: string): never {
  throw new LogError(`a summary cannot have ${what}`)
}

function runsOf(numbers: readonly number[], stride: number): RequestSummary['seqs'] {
  const runs: RequestSummary['seqs'] = []
  let next = 0
  for (let place = 0; place < numbers.length; place += 2) {
    const first = next + numbers[place]!
    const count = numbers[place + 1] ?? 0
    runs.push({ first, count })
    next = first + count * stride
  }
  return runs
}

function groupOf(fields: readonly unknown[], fromUs: number): SummaryGroup {
  if (fields.length !== groupFieldCount) reject(`a group of other than ${groupFieldCount} fields`)
  const [lane, pod, latency, fresh] = fields
  if (pod !== null && typeof pod !== 'string') reject(`a pod ${shown(pod)}`)
  return {
    lane: lane as SummaryGroup['lane'],
    pod,
    latency: unpacked(latency),
    fresh: fresh === null ? null : freshOf(wholes(fresh), fromUs),
  }
}

function freshOf(times: readonly number[], fromUs: number): SummaryGroup['fresh'] {
  if (times.length !== 3) reject(`${times.length} times of fresh connections`)
  const [firstSentUs = 0, lastSentUs = 0, lastConnectedUs = 0] = times
  return {
    firstSentUs: fromUs + firstSentUs,
    lastSentUs: fromUs + lastSentUs,
    lastConnectedUs: fromUs + lastConnectedUs,
  }
}

function packed({ counts, maxUs }: Histogram): number[] {
  return [maxUs, ...counts.map((value, place) => (place % 2 === 0 && place > 0 ? value - counts[place - 2]! : value))]
}

/** The list that JSON.parse gave becomes the histogram: a log has millions of these numbers, and none is copied. */
function unpacked(value: unknown): Histogram {
  const counts = list(value) as number[]
  const maxUs = counts.length === 0 ? 0 : whole(counts.shift())
  let bucket = 0
  for (let place = 0; place < counts.length; place += 2) {
    const step = whole(counts[place])
    if (whole(counts[place + 1] ?? 0) < 1 || step < (place > 0 ? 1 : 0)) reject('a histogram that is out of order')
    counts[place] = bucket += step
  }
  if (bucket > lastBucket) reject(`a time of bucket ${bucket}`)
  return { counts, maxUs }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : reject(`${shown(value)} for a list`)
}

function wholes(value: unknown): number[] {
  return list(value).map(whole)
}

function whole(value: unknown): number {
  return Number.isSafeInteger(value) ? (value as number) : reject(`${shown(value)} for a whole number`)
}
