import { expect, test } from 'vitest'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { computeLaneRates, buildSchedule } from '../../model/load/schedule.ts'
import { buildRefused, buildRequest } from '../../testing/samples/records.ts'
import { frameRecords, buildLog, buildPlan, buildRequests, second, times } from '../../testing/samples/rollout-log.ts'
import { analyseRun } from './analyse-run.ts'

const load = { ...buildPlan().scenario.load, controlPerSecond: 5 }

const rates = computeLaneRates(load, true)
const { dueUs, lane } = buildSchedule({ seed: buildPlan().seed, driver: 0, drivers: 1, ...rates })
const seqs = Array.from({ length: 1050 }, (_, seq) => seq)
/** The 31st of the control lane. */
const thirtyFirst = seqs.filter((seq) => lane(seq) === 'control')[30]!

/** The rollout with planned requests to the control pod between its others; `change` gets each of these. */
function analyseWithControl(
  change: (request: RequestRecord) => RequestRecord = (request) => request,
): Promise<Analysis> {
  return analyseRun(buildPlan({ load }), buildLog([...createLogWithEnd(1050), ...createRequests(change)]))
}

function createLogWithEnd(planned: number): LogRecord[] {
  return frameRecords.map((record) => (record.type === 'end' ? { ...record, planned } : record))
}

function createRequests(change: (request: RequestRecord) => RequestRecord): LogRecord[] {
  return seqs.map((seq): LogRecord => {
    const due = times.begin + dueUs(seq)
    const own = { seq, dueUs: due, lane: lane(seq) }
    const request = own.lane === 'control' ? change(buildRequest({ ...own, pod: 'control' })) : buildRequest(own)
    return { type: 'request', request: own.lane === 'control' ? request : { ...request, pod: choosePod(due, seq) } }
  })
}

/** The pod that answers at an instant, in turn, as in the rollout without this lane. */
function choosePod(due: number, seq: number): string {
  const before = due < 4 * second ? ['old-a', 'old-b'] : due < 6 * second ? ['new-a', 'old-b'] : ['new-a', 'new-b']
  return before[seq % 2]!
}

test('a clean control lane changes no figure of the workload', async () => {
  const { ledger, control, lanes, latency, verdict, sentence } = await analyseWithControl()
  expect(ledger).toMatchObject({ planned: 1000, sent: 1000, ok: 1000, lost: 0, balanced: true })
  expect(control).toMatchObject({ planned: 50, sent: 50, ok: 50, lost: 0, balanced: true })
  expect(lanes.map(({ lane, sent }) => [lane, sent])).toEqual([
    ['fresh', 1000],
    ['reused', 0],
    ['reused-post', 0],
    ['control', 50],
  ])
  expect(latency.count).toBe(1000)
  expect(verdict).toBe('passed')
  expect(sentence).toContain('0 of 1,000 requests lost')
})

test('a request lost by a pod that nothing disrupts takes the verdict away', async () => {
  const { ledger, losses, outages, verdict, because, hypothesis } = await analyseWithControl((request) =>
    request.seq === thirtyFirst
      ? buildRefused({ seq: request.seq, lane: request.lane, dueUs: request.dueUs })
      : request,
  )
  expect(verdict).toBe('unknown')
  expect(because).toEqual([
    'the control lane is dirty: 1 of 50 requests to a pod that nothing disrupted were lost (1 refused), so the machine or the network loses requests by itself',
  ])
  expect(hypothesis?.held).toBeNull()
  expect([ledger.lost, losses, outages]).toEqual([0, [], []])
})

test('a control request that was not sent is an overloaded driver', async () => {
  const { verdict, because } = await analyseWithControl((request) =>
    request.seq === thirtyFirst ? { ...request, outcome: 'overload', sentUs: null } : request,
  )
  expect([verdict, because[0]]).toEqual([
    'unknown',
    'driver overloaded: 1 planned request of the control lane not sent',
  ])
})

test('a control lane that was planned and is empty is no evidence', async () => {
  const { verdict, because } = await analyseRun(buildPlan({ load }), buildLog([...frameRecords, ...buildRequests()]))
  expect([verdict, because[0]]).toEqual(['unknown', expect.stringContaining('the control lane is empty')])
})

test('control: a request in both lanes or a missing one breaks the ledger', async () => {
  const twice = await analyseWithControl((request) => (request.seq === thirtyFirst ? { ...request, seq: 7 } : request))
  expect([twice.ledger.balanced, twice.because[0]]).toEqual([false, expect.stringContaining('ended more than once')])
  const records = [...frameRecords, ...buildRequests()].map((record) =>
    record.type === 'end' ? { ...record, planned: 1001 } : record,
  )
  const missing = await analyseRun(buildPlan({ load }), buildLog(records))
  expect([missing.ledger.balanced, missing.because[0]]).toEqual([
    false,
    expect.stringContaining('1,001 planned, 1,000'),
  ])
})
