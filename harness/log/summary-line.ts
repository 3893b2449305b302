/**
 * A summary of requests as one JSON array, similar to that of a request (see request-line.ts):
 *
 *     ["summary", driver, from, length, slow, settled, stride, [seq, count, gap, count, …], firstDue, lastDue,
 *      lag, [[lane, pod, latency, fresh], …]]
 *
 * `from` is µs on the run's clock; other times are µs since it, except `slow`, which is a duration. A gap is the distance from the place
 * after one range of numbers to the beginning of the next. A histogram is `[max, bucket, count, step, count, …]`, a step the distance from
 * the bucket before; `fresh` is `[firstSent, lastSent, lastConnected]` or null. Three requests numbered 8, 9 and 12 with `stride` 1 have
 * `[8,2,2,1]`.
 */
import { toBucket, countSamples } from '../model/histogram.ts'
import type { Histogram } from '../model/histogram.ts'
import { lanes } from '../model/plan.ts'
import { maxAggregated, aggregationSpanUs } from '../model/request-summary.ts'
import type { RequestSummary, SummaryGroup } from '../model/request-summary.ts'
import { LogError, formatValue } from './log-error.ts'

export const summaryTag = 'summary'
const fieldCount = 12
const groupFieldCount = 4
const lastBucket = toBucket(Number.MAX_SAFE_INTEGER)
const laneNames: ReadonlySet<unknown> = new Set(lanes)

export function encodeSummary(summary: RequestSummary): string {
  checkSummary(summary)
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
    packHistogram(latency),
    fresh && [fresh.firstSentUs - fromUs, fresh.lastSentUs - fromUs, fresh.lastConnectedUs - fromUs],
  ])
  const times = [fromUs, toUs - fromUs, slowUs, settledUs - fromUs]
  const dues = [firstDueUs - fromUs, lastDueUs - fromUs]
  return JSON.stringify([summaryTag, driver, ...times, stride, seqs, ...dues, packHistogram(summary.lag), groups])
}

/** Throws a LogError for anything that `encodeSummary` does not write. */
export function decodeSummary(fields: readonly unknown[]): RequestSummary {
  if (fields.length !== fieldCount) throw new LogError(`a summary has ${fieldCount} fields, found ${fields.length}`)
  const fromUs = parseInteger(fields[2])
  const stride = parseInteger(fields[6])
  const summary: RequestSummary = {
    driver: parseInteger(fields[1]),
    fromUs,
    toUs: fromUs + parseInteger(fields[3]),
    slowUs: parseInteger(fields[4]),
    settledUs: fromUs + parseInteger(fields[5]),
    stride,
    seqs: parseRanges(parseIntegers(fields[7]), stride),
    firstDueUs: fromUs + parseInteger(fields[8]),
    lastDueUs: fromUs + parseInteger(fields[9]),
    lag: unpackHistogram(fields[10]),
    groups: parseList(fields[11]).map((group) => parseGroup(parseList(group), fromUs)),
  }
  checkSummary(summary)
  return summary
}

/** Checks that the sums agree, and that every request was due in the span of the summary. */
function checkSummary({
  driver,
  fromUs,
  toUs,
  stride,
  seqs,
  firstDueUs,
  lastDueUs,
  lag,
  groups,
}: RequestSummary): void {
  const requests = seqs.reduce((sum, { count }) => sum + count, 0)
  const grouped = groups.reduce((sum, { latency }) => sum + countSamples(latency), 0)
  if (!(toUs > fromUs && toUs - fromUs <= aggregationSpanUs)) rejectSummary(`a span of ${toUs - fromUs} µs`)
  if (requests > maxAggregated) rejectSummary(`${requests} requests`)
  if (driver < 0 || stride < 1) rejectSummary(`driver ${driver} and stride ${stride}`)
  if (requests !== grouped || requests !== countSamples(lag))
    rejectSummary(`${requests} numbers, ${grouped} latencies, ${countSamples(lag)} lags`)
  if (requests === 0 || seqs.some(({ first, count }) => first < 0 || count < 1)) rejectSummary('a run of no request')
  if (!(fromUs <= firstDueUs && firstDueUs < toUs))
    rejectSummary(`requests due at ${firstDueUs}, outside of [${fromUs}, ${toUs})`)
  if (!(fromUs <= lastDueUs && lastDueUs < toUs))
    rejectSummary(`requests due at ${lastDueUs}, outside of [${fromUs}, ${toUs})`)
  for (const { lane } of groups) if (!laneNames.has(lane)) rejectSummary(`a lane ${formatValue(lane)}`)
}

function rejectSummary(what: string): never {
  throw new LogError(`a summary cannot have ${what}`)
}

function parseRanges(numbers: readonly number[], stride: number): RequestSummary['seqs'] {
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

function parseGroup(fields: readonly unknown[], fromUs: number): SummaryGroup {
  if (fields.length !== groupFieldCount) rejectSummary(`a group of other than ${groupFieldCount} fields`)
  const [lane, pod, latency, fresh] = fields
  if (pod !== null && typeof pod !== 'string') rejectSummary(`a pod ${formatValue(pod)}`)
  return {
    lane: lane as SummaryGroup['lane'],
    pod,
    latency: unpackHistogram(latency),
    fresh: fresh === null ? null : parseFresh(parseIntegers(fresh), fromUs),
  }
}

function parseFresh(times: readonly number[], fromUs: number): SummaryGroup['fresh'] {
  if (times.length !== 3) rejectSummary(`${times.length} times of fresh connections`)
  const [firstSentUs = 0, lastSentUs = 0, lastConnectedUs = 0] = times
  return {
    firstSentUs: fromUs + firstSentUs,
    lastSentUs: fromUs + lastSentUs,
    lastConnectedUs: fromUs + lastConnectedUs,
  }
}

function packHistogram({ counts, maxUs }: Histogram): number[] {
  return [maxUs, ...counts.map((value, place) => (place % 2 === 0 && place > 0 ? value - counts[place - 2]! : value))]
}

/** Reuses the list of JSON.parse as the histogram: a log has millions of these numbers, and copying them would be slow. */
function unpackHistogram(value: unknown): Histogram {
  const counts = parseList(value) as number[]
  const maxUs = counts.length === 0 ? 0 : parseInteger(counts.shift())
  let bucket = 0
  for (let place = 0; place < counts.length; place += 2) {
    const step = parseInteger(counts[place])
    if (parseInteger(counts[place + 1] ?? 0) < 1 || step < (place > 0 ? 1 : 0))
      rejectSummary('a histogram that is out of order')
    counts[place] = bucket += step
  }
  if (bucket > lastBucket) rejectSummary(`a time of bucket ${bucket}`)
  return { counts, maxUs }
}

function parseList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : rejectSummary(`${formatValue(value)} for a list`)
}

function parseIntegers(value: unknown): number[] {
  return parseList(value).map(parseInteger)
}

function parseInteger(value: unknown): number {
  return Number.isSafeInteger(value) ? (value as number) : rejectSummary(`${formatValue(value)} for a whole number`)
}
