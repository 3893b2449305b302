import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startClock } from '../base/clock.ts'
import { countSamples, toBucket } from '../model/histogram.ts'
import type { LogRecord, RequestRecord } from '../model/record.ts'
import { buildRefused, buildRequest, stepAt } from '../testing/samples/records.ts'
import { decodeRecord, encodeRecord } from './record-codec.ts'
import { RequestSampler } from './request-sampler.ts'
import { readLog } from './reader.ts'
import { openLog } from './writer.ts'

const ms = 1000
/** Due every ms; answered by one of two pods after 10 ms, every tenth on a new connection. */
const createQuickRequest = (seq: number, fields: Partial<RequestRecord> = {}): LogRecord => {
  const dueUs = seq * ms
  return {
    type: 'request',
    request: buildRequest({
      seq,
      dueUs,
      settledUs: dueUs + 10 * ms,
      lane: seq % 4 === 0 ? 'fresh' : 'reused',
      use: seq % 10 === 0 ? 1 : 7,
      pod: seq % 3 === 0 ? 'web-a' : 'web-b',
      ...fields,
    }),
  }
}
const createQuickRequests = (from: number, to: number): LogRecord[] =>
  Array.from({ length: to - from }, (_, n) => createQuickRequest(from + n))
const filterRequests = (records: readonly LogRecord[]): RequestRecord[] =>
  records.flatMap((record) => (record.type === 'request' ? [record.request] : []))
const filterSummaries = (records: readonly LogRecord[]) =>
  records.flatMap((record) => (record.type === 'summary' ? [record.summary] : []))

test('sampler: keeps all up to the budget, then the lost and the slow', () => {
  const condenser = new RequestSampler({ fullRecords: 1000, drivers: 1 })
  expect(condenser.sample(createQuickRequests(0, 1000))).toHaveLength(1000)
  const slow = createQuickRequest(1001, { settledUs: 1001 * ms + 50 * ms })
  const refused: LogRecord = { type: 'request', request: buildRefused({ seq: 1002, dueUs: 1002 * ms }) }
  const unsent = createQuickRequest(1003, { outcome: 'overload', sentUs: null, connectedUs: null, firstByteUs: null })
  const endedByClose = createQuickRequest(1004, { detail: 'ended by close' })
  const kept = [slow, refused, unsent, endedByClose]
  const condensed = condenser.sample([createQuickRequest(1000), ...kept, ...createQuickRequests(1005, 1090)])
  expect(condensed.slice(0, 4)).toEqual(kept)
  const [summary, ...more] = filterSummaries(condensed)
  expect(more).toEqual([])
  expect(summary).toMatchObject({
    driver: 0,
    fromUs: 1000 * ms,
    toUs: 1100 * ms,
    seqs: [
      { first: 1000, count: 1 },
      { first: 1005, count: 85 },
    ],
    firstDueUs: 1000 * ms,
    lastDueUs: 1089 * ms,
    settledUs: 1099 * ms,
    // 10 ms is in the bucket [9984, 10048).
    slowUs: 10_047,
  })
  const web = summary?.groups.find(({ lane, pod }) => lane === 'fresh' && pod === 'web-a')
  // Of 1000, 1005 … 1089 the multiples of 12 are in that lane and pod, every fifth of them on a new connection.
  expect(web?.latency).toEqual({ counts: [toBucket(10 * ms), 7], maxUs: 10 * ms })
  expect(web?.fresh).toEqual({
    firstSentUs: 1020 * ms + 100,
    lastSentUs: 1080 * ms + 100,
    lastConnectedUs: 1080 * ms + 300,
  })
})

test('sampler: no summary spans a step, the control lane, or two drivers', () => {
  const condenser = new RequestSampler({ fullRecords: 0, drivers: 2 })
  const control = createQuickRequest(12, { lane: 'control' })
  const other = createQuickRequest(21, { driver: 1 })
  condenser.sample([stepAt(15 * ms, 'disrupt-begin')])
  const summaries = filterSummaries(
    condenser.sample([
      createQuickRequest(10),
      control,
      createQuickRequest(14),
      createQuickRequest(16),
      other,
      createQuickRequest(18),
    ]),
  )
  expect(summaries.map(({ driver, fromUs, toUs, seqs }) => [driver, fromUs / ms, toUs / ms, seqs])).toEqual([
    [
      0,
      0,
      15,
      [
        { first: 10, count: 1 },
        { first: 14, count: 1 },
      ],
    ],
    [0, 0, 15, [{ first: 12, count: 1 }]],
    [0, 15, 100, [{ first: 16, count: 2 }]],
    [1, 15, 100, [{ first: 21, count: 1 }]],
  ])
})

test('summary line: survives, and is refused when its sums disagree', () => {
  const [summary] = new RequestSampler({ fullRecords: 0, drivers: 1 }).sample(createQuickRequests(100, 180))
  const line = encodeRecord(summary!)
  expect(decodeRecord(line)).toEqual(summary)
  expect(line.length / 80).toBeLessThan(10)
  const fields = JSON.parse(line) as unknown[]
  const replaceField = (place: number, value: unknown): string => JSON.stringify(fields.with(place, value))
  expect(() => decodeRecord(replaceField(7, [100, 79]))).toThrow(/79 numbers, 80 latencies/)
  expect(() => decodeRecord(replaceField(8, -1))).toThrow(/outside of/)
  expect(() => decodeRecord(replaceField(10, [1, 5]))).toThrow(/out of order/)
  expect(() => decodeRecord(replaceField(11, [['sideways', null, [1, 1, 80], null]]))).toThrow(/a lane "sideways"/)
  expect(() => decodeRecord(JSON.stringify(fields.slice(1)))).toThrow(/cannot begin with/)
  expect(() => decodeRecord(JSON.stringify(fields.slice(0, -1)))).toThrow(/12 fields, found 11/)
})

test('sampler: a log beyond its budget stays small', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-log-'))
  try {
    const path = join(directory, 'events.jsonl')
    const log = openLog(path, startClock(), { fullRecords: 1000, drivers: 1 })
    for (let from = 0; from < 50_000; from += 500) {
      log.writeMany(createQuickRequests(from, from + 500))
      log.flush()
    }
    // Nothing waits for a better summary: everything written so far can be read.
    const records = await Array.fromAsync(readLog(path))
    const aggregated = filterSummaries(records).reduce((sum, { lag }) => sum + countSamples(lag), 0)
    expect(filterRequests(records).length + aggregated).toBe(50_000)
    expect(filterRequests(records)).toHaveLength(1000)
    await log.close()
    expect(statSync(`${path}.zst`).size / 50_000).toBeLessThan(4)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
