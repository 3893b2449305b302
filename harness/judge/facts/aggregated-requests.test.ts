import { expect, test } from 'vitest'
import { histogramPrecision } from '../../model/histogram.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis, Quantiles } from '../../model/result.ts'
import { createRecordSampler } from '../../testing/record-sampler.ts'
import { buildRefused, buildRequest } from '../../testing/samples/records.ts'
import {
  frameRecords,
  buildLog,
  ms,
  buildPlan,
  buildRequests,
  second,
  times,
} from '../../testing/samples/rollout-log.ts'
import { analyseRun } from '../verdict/analyse-run.ts'
import { collectEvidence } from './evidence.ts'
import { forEachSeq, getRangeEnd, containsSeq, countRepeated } from './seq-ranges.ts'

/** Varying latencies, single losses, an outage from 5 s to 5.05 s, and a wait of 1.2 s for all requests due in 100 ms. */
function loseSome(request: RequestRecord): RequestRecord {
  const { seq, dueUs } = request
  const inOutage = dueUs >= 5 * second && dueUs < 5.05 * second
  if (inOutage || seq === 700) return buildRefused({ seq, dueUs })
  const settledUs =
    dueUs >= 7 * second && dueUs < 7.1 * second
      ? dueUs + 1_200 * ms
      : dueUs + (5 + ((seq * 37) % 60)) * ms + (seq % 250 === 0 ? 400 * ms : 0)
  return { ...request, firstByteUs: settledUs - 200, settledUs }
}

/** The same run in a log with this budget, condensed batch by batch as its requests settle. */
async function analyseAggregated(fullRecords: number, change = loseSome, extra: LogRecord[] = []): Promise<Analysis> {
  const settledUs = (record: LogRecord): number =>
    record.type === 'request' ? record.request.settledUs : record.type === 'summary' ? 0 : record.t
  const all = [...frameRecords, ...buildRequests(change), ...extra].sort((a, b) => settledUs(a) - settledUs(b))
  const condense = createRecordSampler(fullRecords)
  const records = Array.from({ length: Math.ceil(all.length / 20) }, (_, n) => all.slice(20 * n, 20 * n + 20))
  const plan = buildPlan({}, { expects: 'loses' })
  return analyseRun(plan, buildLog(records.flatMap(condense)))
}

const quantileNames = ['p50Us', 'p90Us', 'p99Us', 'p999Us'] as const

/** Exact, or too high by at most the histogram's precision. */
function expectNear(found: Quantiles, exact: Quantiles): void {
  expect([found.count, found.maxUs]).toEqual([exact.count, exact.maxUs])
  for (const name of quantileNames) {
    const [value, right] = [found[name], exact[name]]
    if (right === null || value === null) {
      expect(value).toBe(right)
      continue
    }
    expect(value).toBeGreaterThanOrEqual(right)
    expect(value).toBeLessThanOrEqual(right * (1 + histogramPrecision))
  }
}

test('a run beyond its budget is judged as if every request had been kept', async () => {
  const [exact, found] = await Promise.all([analyseAggregated(Infinity), analyseAggregated(200)])
  expect(exact.aggregated).toBeNull()
  expect(found.aggregated?.requests).toBeGreaterThan(700)
  expect(found.aggregated?.requests).toBeLessThan(800)
  for (const name of [
    'ledger',
    'control',
    'losses',
    'pods',
    'phases',
    'tools',
    'verdict',
    'because',
    'sentence',
    'waited',
  ] as const) {
    expect(found[name]).toEqual(exact[name])
  }
  expectNear(found.latency, exact.latency)
  expectNear(found.sendLag, exact.sendLag)
  for (const [index, lane] of found.lanes.entries()) {
    const right = exact.lanes[index]!
    expect([lane.sent, lane.ok, lane.lost]).toEqual([right.sent, right.ok, right.lost])
    for (const phase of ['before', 'during', 'after'] as const) expectNear(lane.byPhase[phase], right.byPhase[phase])
  }
})

test('an outage beyond the budget begins and ends when it did', async () => {
  const [exact, found] = await Promise.all([analyseAggregated(Infinity), analyseAggregated(50)])
  expect(exact.outages.map(({ lost, waited }) => [lost, waited])).toEqual([
    [5, 0],
    [0, 10],
    [1, 0],
  ])
  expect(found.outages).toEqual(exact.outages)
})

test('chart beyond the budget: every request is in one bucket of whole spans', async () => {
  const { buckets, bucketUs, ledger } = await analyseAggregated(50)
  expect(bucketUs % (100 * ms)).toBe(0)
  expect(buckets.reduce((sum, { ok }) => sum + ok, 0)).toBe(ledger.ok)
  expect(buckets.reduce((sum, { lost }) => sum + lost, 0)).toBe(ledger.lost)
})

test('ledger: a request that ended twice unbalances it, wherever it is logged', async () => {
  const repeatRequest = (fields: Partial<RequestRecord>): LogRecord[] => {
    const record = buildRequests().find((one) => one.type === 'request' && one.request.seq === fields.seq)
    return record?.type === 'request' ? [{ type: 'request', request: { ...record.request, ...fields } }] : []
  }
  const late = times.end + 140 * ms
  for (const fields of [
    // Aggregated twice; aggregated and lost; kept within the budget and aggregated.
    { seq: 600 },
    { seq: 601, settledUs: late, outcome: 'closed-before-response' as const },
    { seq: 10, settledUs: late - 10 * ms },
  ]) {
    const { ledger, because, verdict } = await analyseAggregated(50, undefined, repeatRequest(fields))
    expect([ledger.balanced, verdict]).toEqual([false, 'unknown'])
    expect(because).toContain('the ledger does not balance: 1 request ended more than once')
  }
})

test('what is kept of a run follows its length, not its requests', async () => {
  const countKept = async (perSecond: number): Promise<number[]> => {
    const { requests } = await collectEvidence(Object.assign(twoSeconds(perSecond), { torn: false }))
    expect(requests.total).toBe(2 * perSecond)
    const { cells } = requests.aggregated
    // A range ends only at a request that is kept as a record, one in a thousand.
    expect(requests.aggregated.listRanges().length).toBeLessThanOrEqual(1 + requests.size - 1000)
    return [requests.size, [...cells].length, cells.packedBytes]
  }
  const [few, many] = await Promise.all([countKept(10_000), countKept(100_000)])
  for (const [index, size] of many.entries()) expect(size).toBeLessThan(2 * few[index]!)
})

/** Answered after 1 to 20 ms by three pods in turn; batches of 500. */
function* twoSeconds(perSecond: number): Generator<LogRecord> {
  const condense = createRecordSampler(1000)
  for (let from = 0; from < 2 * perSecond; from += 500) {
    yield* condense(
      Array.from({ length: 500 }, (_, index): LogRecord => {
        const seq = from + index
        const dueUs = Math.floor((seq * 1e6) / perSecond)
        const settledUs = dueUs + 1000 + ((seq * 7919) % 19_000)
        return { type: 'request', request: buildRequest({ seq, dueUs, settledUs, pod: `web-${seq % 3}` }) }
      }),
    )
  }
}

test('runs tell exactly which numbers they hold', () => {
  const run = { driver: 1, first: 4, count: 3, stride: 3, firstDueUs: 0, lastDueUs: 0 }
  expect([1, 3, 4, 5, 7, 10, 13].filter((seq) => containsSeq([run], 1, seq))).toEqual([4, 7, 10])
  expect(containsSeq([run], 0, 4)).toBe(false)
  expect(getRangeEnd(run)).toBe(13)
  const told: number[][] = []
  forEachSeq([run, { ...run, driver: 2, count: 2, firstDueUs: 10, lastDueUs: 15 }], (...one) => told.push(one))
  expect(told).toEqual([
    [1, 4, 0],
    [1, 7, 0],
    [1, 10, 0],
    [2, 4, 10],
    [2, 7, 15],
  ])
  expect(countRepeated([run, { ...run, first: 10 }, { ...run, driver: 2 }])).toBe(1)
})

test('evidence: which pods answered, when and on what connections, kept or only counted', async () => {
  const requests = Array.from({ length: 90 }, (_, seq): LogRecord => {
    const dueUs = second + seq * 10 * ms
    const kept = seq % 3 === 0
    const lane = seq % 9 === 4 ? 'control' : kept ? 'reused' : 'fresh'
    const pod = lane === 'control' ? 'control' : `web-${Math.floor(seq / 30)}`
    return { type: 'request', request: buildRequest({ seq, dueUs, sentUs: dueUs, pod, lane, use: kept ? 2 : 1 }) }
  })
  const numbers = Array.from({ length: 30 }, (_, place) => place)
  for (const budget of [Infinity, 30, 0]) {
    const evidence = await collectEvidence(buildLog(createRecordSampler(budget)(requests)))
    const { answered, controlAnswered, fresh, reached } = evidence
    for (const part of [0, 1, 2]) {
      const sentUs = (place: number): number => second + (30 * part + place) * 10 * ms
      const own = numbers.filter((place) => (30 * part + place) % 9 !== 4)
      const onNew = own.filter((place) => (30 * part + place) % 3 !== 0)
      const name = `web-${part}`
      expect(answered.get(name)?.count).toBe(own.length)
      expect(fresh.get(name)).toEqual({ firstSentUs: sentUs(onNew[0]!), lastSentUs: sentUs(onNew.at(-1)!) })
      // A connection is established 200 µs after it was opened.
      expect(reached.get(name)).toBe(sentUs(onNew.at(-1)!) + 200)
    }
    expect([...answered.keys()].toSorted()).toEqual(['web-0', 'web-1', 'web-2'])
    expect(controlAnswered.get('control')?.count).toBe(10)
  }
})

test('evidence: what waited for its connection, and what only the end of its connection completed', async () => {
  const toRecord = (fields: Partial<RequestRecord>): LogRecord => ({ type: 'request', request: buildRequest(fields) })
  const slow = { sentUs: 1_000, connectedUs: 1_001_000, firstByteUs: 1_050_000, settledUs: 1_060_000 }
  const { waiters, endedByClose, lost, reached, contradictory, lastUs } = await collectEvidence(
    buildLog([
      toRecord({ seq: 0, ...slow }),
      // A connection that existed before, one that was made in time, a control request and a loss did not wait.
      toRecord({ seq: 1, ...slow, use: 2 }),
      toRecord({ seq: 2, ...slow, connectedUs: 1_000_999 }),
      toRecord({ seq: 3, ...slow, lane: 'control' }),
      toRecord({ seq: 4, ...slow, outcome: 'http-5xx', status: 502 }),
      toRecord({ seq: 5, detail: 'completed by the end of the connection' }),
      toRecord({ seq: 6, outcome: 'overload', sentUs: null, pod: null, settledUs: 70_000_000 }),
      toRecord({ seq: 7, status: 503 }),
    ]),
  )
  expect(waiters).toEqual([1_000])
  expect(endedByClose).toBe(1)
  expect(lost.map(({ seq }) => seq)).toEqual([4])
  // An error is an answer too: the pod was reached.
  expect(reached.get('web-a')).toBe(1_001_000)
  expect(contradictory).toBe(1)
  expect(lastUs).toBe(70_000_000)
})

test('evidence: lost requests by due time, whatever the order of the log and the number of drivers', async () => {
  const refuse = (dueUs: number, driver: number, seq: number): LogRecord => ({
    type: 'request',
    request: buildRefused({ dueUs, driver, seq }),
  })
  const { lost } = await collectEvidence(
    buildLog([refuse(30, 0, 4), refuse(10, 1, 1), refuse(10, 0, 2), refuse(10, 0, 0), refuse(20, 0, 6)]),
  )
  expect(lost.map(({ dueUs, driver, seq }) => [dueUs, driver, seq])).toEqual([
    [10, 0, 0],
    [10, 0, 2],
    [10, 1, 1],
    [20, 0, 6],
    [30, 0, 4],
  ])
})
