import { expect, test } from 'vitest'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis, PodTimeline } from '../../model/result.ts'
import { buildRequest } from '../../testing/samples/records.ts'
import { frameRecords, buildLog, ms, buildPlan, buildRequests, second } from '../../testing/samples/rollout-log.ts'
import { computeEndpointLags } from './endpoint-lag.ts'
import { analyseRun } from '../verdict/analyse-run.ts'

/** `old-a` is deleted at 4 s and its endpoint is removed 10 ms later; further requests still reach it. */
async function analyseLags(
  more: Partial<RequestRecord>[],
  records: readonly LogRecord[] = frameRecords,
  plan: Partial<RunPlan> = {},
): Promise<Analysis> {
  const late = more.map((request, index): LogRecord => {
    return { type: 'request', request: buildRequest({ seq: 1_000 + index, pod: 'old-a', ...request }) }
  })
  const end = { type: 'end', t: 11.15 * second, driver: 0, planned: 1_000 + more.length, lost: null } as const
  const others = records.filter(({ type }) => type !== 'end')
  return analyseRun({ ...buildPlan(), ...plan }, buildLog([...others, ...buildRequests(), ...late, end]))
}
const dueAt = (dueUs: number): Partial<RequestRecord> => ({ dueUs, sentUs: dueUs, connectedUs: dueUs + 200 })
const via: RunPlan['via'] = { kind: 'ingress', host: 'shop.example', port: 80 }
/** Nothing is done to the containers while the new connections come. */
const outlasting = frameRecords.filter(({ type }) => type !== 'container')

test('counts to the last new connection that the pod answered at all', async () => {
  const failed = { ...dueAt(4.3 * second), outcome: 'http-5xx', status: 502, lane: 'reused' } as const
  const { endpointLags } = await analyseLags([dueAt(4.2 * second), failed], outlasting)
  expect(endpointLags).toEqual([
    { pod: 'old-a', sinceDeletionUs: 300_200, sinceEndpointRemovedUs: 290_200, atLeast: false },
    {
      pod: 'old-b',
      sinceDeletionUs: expect.any(Number) as number,
      sinceEndpointRemovedUs: expect.any(Number) as number,
      atLeast: false,
    },
  ])
})

test('kept connections and refusals tell nothing of it', async () => {
  const kept = { ...dueAt(4.2 * second), use: 2, lane: 'reused' } as const
  const refused = { ...dueAt(4.2 * second), outcome: 'refused', connectedUs: null, pod: null } as const
  const { endpointLags } = await analyseLags([kept, refused], outlasting)
  expect(endpointLags[0]?.sinceDeletionUs).toBeLessThanOrEqual(0)
})

test('may be longer where the pod’s server was signalled soon after', async () => {
  const { endpointLags } = await analyseLags([dueAt(4.01 * second)])
  expect(endpointLags[0]).toMatchObject({ sinceDeletionUs: 10 * ms + 200, atLeast: true })
})

test('stands beside a zero', async () => {
  const stays = buildRequests((request) => (request.dueUs === 4.2 * second ? { ...request, pod: 'old-a' } : request))
  expect((await analyseRun(buildPlan(), buildLog([...outlasting, ...stays]))).sentence).toBe(
    '0 of 1,000 requests lost in 1 rollout: fewer than 1 in 334 at 95 %; new connections reached leaving pods up to 200 ms after their deletion',
  )
})

test('behind an ingress controller: counts to the last request that the pod answered, on whatever connection', async () => {
  const kept = { ...dueAt(4.2 * second), use: 2, lane: 'reused' } as const
  const { endpointLags } = await analyseLags([kept], outlasting, { via })
  expect(endpointLags[0]).toMatchObject({ pod: 'old-a', sinceDeletionUs: 200 * ms })
})

test('behind an ingress controller: requests reach a leaving pod, as the client connects to the controller', async () => {
  const stays = buildRequests((request) => (request.dueUs === 4.2 * second ? { ...request, pod: 'old-a' } : request))
  const { sentence } = await analyseRun({ ...buildPlan(), via }, buildLog([...outlasting, ...stays]))
  expect(sentence).toMatch(/; requests reached leaving pods up to 200 ms after their deletion$/)
})

test('a connection that the pod answered later than the last that the kernel told of counts', () => {
  const life = { ...deleted, lastLedUs: 4.01 * second, lastFreshUs: 4.012 * second }
  expect(computeEndpointLags([life])).toMatchObject([{ sinceDeletionUs: 10 * ms }])
  expect(computeEndpointLags([{ ...life, lastFreshUs: 4.5 * second }])).toMatchObject([{ sinceDeletionUs: 500 * ms }])
})

const deleted: PodTimeline = {
  pod: 'old-a',
  node: null,
  old: true,
  createdUs: 0,
  readyUs: second,
  deletionUs: 4 * second,
  endpointRemovedUs: null,
  removedFromProxyUs: null,
  goneUs: null,
  lastFreshUs: null,
  lastLedUs: null,
  containers: [],
}
