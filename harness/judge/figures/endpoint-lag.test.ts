import { expect, test } from 'vitest'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { requestOf } from '../../testing/samples/records.ts'
import { frame, logOf, ms, planOf, requestsOf, second } from '../../testing/samples/rollout-log.ts'
import { analyse } from '../verdict/analyse-run.ts'

/** `old-a` is deleted at 4 s and its endpoint is removed 10 ms later; more requests find it still. */
async function analysed(more: Partial<RequestRecord>[], records: readonly LogRecord[] = frame): Promise<Analysis> {
  const late = more.map((request, index): LogRecord => {
    return { type: 'request', request: requestOf({ seq: 1_000 + index, pod: 'old-a', ...request }) }
  })
  const end = { type: 'end', t: 11.15 * second, driver: 0, planned: 1_000 + more.length, lost: null } as const
  const others = records.filter(({ type }) => type !== 'end')
  return analyse(planOf(), logOf([...others, ...requestsOf(), ...late, end]))
}
const at = (dueUs: number): Partial<RequestRecord> => ({ dueUs, sentUs: dueUs, connectedUs: dueUs + 200 })
/** Nothing is done to the containers while the new connections come. */
const outlasting = frame.filter(({ type }) => type !== 'container')

test('is counted to the last new connection that the pod answered, however it did', async () => {
  const failed = { ...at(4.3 * second), outcome: 'http-5xx', status: 502, lane: 'reused' } as const
  const { endpointLags } = await analysed([at(4.2 * second), failed], outlasting)
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
  const kept = { ...at(4.2 * second), use: 2, lane: 'reused' } as const
  const refused = { ...at(4.2 * second), outcome: 'refused', connectedUs: null, pod: null } as const
  const { endpointLags } = await analysed([kept, refused], outlasting)
  expect(endpointLags[0]?.sinceDeletionUs).toBeLessThanOrEqual(0)
})

test('may be longer where the pod’s server was signalled soon after', async () => {
  const { endpointLags } = await analysed([at(4.01 * second)])
  expect(endpointLags[0]).toMatchObject({ sinceDeletionUs: 10 * ms + 200, atLeast: true })
})

test('stands beside a zero', async () => {
  const stays = requestsOf((request) => (request.dueUs === 4.2 * second ? { ...request, pod: 'old-a' } : request))
  expect((await analyse(planOf(), logOf([...outlasting, ...stays]))).sentence).toBe(
    '0 of 1,000 requests lost in 1 rollout: fewer than 1 in 334 at 95 %; new connections reached leaving pods up to 200 ms after their deletion',
  )
})
