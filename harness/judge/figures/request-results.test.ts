import { expect, test } from 'vitest'
import { createRequestChooser } from '../../model/load/request-choice.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import { buildLog, buildPlan, buildRequests, frameRecords } from '../../testing/samples/rollout-log.ts'
import { RequestSampler } from '../../log/request-sampler.ts'
import { analyseRun } from '../verdict/analyse-run.ts'

const requests = [
  { name: 'page', weight: 3, expect: { status: [200, 404] } },
  { name: 'order', method: 'POST' as const },
]
const { scenario } = buildPlan()
const plan = buildPlan({ load: { ...scenario.load, requests } })
const choose = createRequestChooser(plan.seed, requests)

/** Every tenth request is lost to a closed connection, every hundredth is answered 404. */
function change(request: RequestRecord): RequestRecord {
  if (request.seq % 100 === 50) {
    return { ...request, status: 404, outcome: choose(request.seq) === 0 ? 'ok' : 'http-4xx' }
  }
  if (request.seq % 10 !== 0) return request
  const none = { firstByteUs: null, status: null, bytes: 0, pod: null } as const
  return { ...request, ...none, outcome: 'closed-before-response' }
}

const count = (place: number, holds: (seq: number) => boolean): number =>
  Array.from({ length: 1000 }, (_, seq) => seq).filter((seq) => choose(seq) === place && holds(seq)).length

const closed = (seq: number): boolean => seq % 10 === 0 && seq % 100 !== 50
const expected = [
  {
    name: 'page',
    weight: 3,
    sent: 750,
    lost: count(0, closed),
    outcomes: { 'closed-before-response': count(0, closed) },
  },
  {
    name: 'order',
    weight: 1,
    sent: 250,
    lost: count(1, (seq) => seq % 10 === 0),
    outcomes: { 'closed-before-response': count(1, closed), 'http-4xx': count(1, (seq) => seq % 100 === 50) },
  },
]

test('requests: of each how many were sent and lost, by their numbers alone', async () => {
  const analysis = await analyseRun(plan, buildLog([...frameRecords, ...buildRequests(change)]))
  expect(analysis.requests).toEqual(expected)
  // An expected 404 contradicts nothing, and a POST is not passed on to a second server.
  expect(analysis.claims.find(({ name }) => name === 'ledger-balanced')).toMatchObject({ holds: true })
  for (const { request, retriedBy, outcome } of analysis.losses) {
    expect(retriedBy.includes('nginx')).toBe(choose(request.seq) === 0 && outcome === 'closed-before-response')
  }
})

test('requests: those that the log only counts are told apart too', async () => {
  const sampler = new RequestSampler({ fullRecords: 100, drivers: 1 })
  const records = sampler.sample(buildRequests(change))
  expect(records.some(({ type }: LogRecord) => type === 'summary')).toBe(true)
  const analysis = await analyseRun(plan, buildLog([...frameRecords, ...records]))
  expect(analysis.requests).toEqual(expected)
})

test('requests: a status that was not expected contradicts ok', async () => {
  const wrong = (request: RequestRecord): RequestRecord => ({
    ...request,
    status: choose(request.seq) === 1 ? 404 : 200,
  })
  const analysis = await analyseRun(plan, buildLog([...frameRecords, ...buildRequests(wrong)]))
  expect(analysis.claims.find(({ name }) => name === 'ledger-balanced')).toMatchObject({ holds: false })
})

test('requests: without several there is nothing to tell apart', async () => {
  const log = buildLog([...frameRecords, ...buildRequests()])
  expect((await analyseRun(buildPlan(), log)).requests).toBeUndefined()
  const single = buildPlan({ load: { ...scenario.load, requests: requests.slice(0, 1) } })
  expect((await analyseRun(single, log)).requests).toBeUndefined()
})
