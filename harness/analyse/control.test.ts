import { expect, test } from 'vitest'
import type { RequestRecord } from '../model/record.ts'
import type { Analysis } from '../model/result.ts'
import { requestOf } from '../testing/records.ts'
import { frame, logOf, planOf, requestsOf, times } from '../testing/rollout-log.ts'
import { analyse } from './analyse.ts'

const load = { ...planOf().scenario.load, controlPerSecond: 5 }

/** The rollout with 50 requests to the control pod beside its 1,000; `change` gets each of these. */
function withControl(change: (request: RequestRecord) => RequestRecord = (request) => request): Promise<Analysis> {
  const requests = Array.from({ length: 50 }, (_, index) =>
    change(requestOf({ seq: 1000 + index, dueUs: times.begin + index * 200_000, lane: 'control', pod: 'control' })),
  )
  const records = [...frame, ...requestsOf()].map((record) =>
    record.type === 'end' ? { ...record, planned: 1050 } : record,
  )
  return analyse(
    planOf({ load }),
    logOf([...records, ...requests.map((request) => ({ type: 'request', request }) as const)]),
  )
}

test('a clean control lane changes no figure of the workload', async () => {
  const { ledger, control, lanes, latency, verdict, sentence } = await withControl()
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
  const { ledger, losses, outages, verdict, because, hypothesis } = await withControl((request) =>
    request.seq === 1030 ? { ...request, outcome: 'refused' } : request,
  )
  expect(verdict).toBe('unknown')
  expect(because).toEqual([
    'the control lane is dirty: 1 of 50 requests to a pod that nothing disrupted were lost (1 refused), so the machine or the network loses requests by itself',
  ])
  expect(hypothesis.held).toBeNull()
  expect([ledger.lost, losses, outages]).toEqual([0, [], []])
})

test('a control request that was not sent is an overloaded driver', async () => {
  const { verdict, because } = await withControl((request) =>
    request.seq === 1030 ? { ...request, outcome: 'overload', sentUs: null } : request,
  )
  expect([verdict, because[0]]).toEqual([
    'unknown',
    'driver overloaded: 1 planned request of the control lane not sent',
  ])
})

test('a control lane that was planned and is empty is no evidence', async () => {
  const { verdict, because } = await analyse(planOf({ load }), logOf([...frame, ...requestsOf()]))
  expect([verdict, because[0]]).toEqual(['unknown', expect.stringContaining('the control lane is empty')])
})

test('a request that ended in both lanes, and one of control that is missing, unbalance the ledger', async () => {
  const twice = await withControl((request) => (request.seq === 1030 ? { ...request, seq: 7 } : request))
  expect([twice.ledger.balanced, twice.because[0]]).toEqual([false, expect.stringContaining('ended more than once')])
  const records = [...frame, ...requestsOf()].map((record) =>
    record.type === 'end' ? { ...record, planned: 1001 } : record,
  )
  const missing = await analyse(planOf({ load }), logOf(records))
  expect([missing.ledger.balanced, missing.because[0]]).toEqual([
    false,
    expect.stringContaining('1,001 planned, 1,000'),
  ])
})
