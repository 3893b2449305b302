import { describe, expect, test } from 'vitest'
import type { LogRecord, RequestRecord } from '../model/record.ts'
import type { Loss } from '../model/result.ts'
import { containerAt, endpointsAt, podAt, refusedOf } from '../testing/records.ts'
import { frame, logOf, ms, planOf, requestsOf, second } from '../testing/rollout-log.ts'
import { analyse } from './analyse.ts'

/** What is concluded of one more request in the rollout: `old-a` is deleted at 4 s, signalled at 4.02 and exits at 4.32. */
async function lossOf(request: Partial<RequestRecord>, records: readonly LogRecord[] = frame): Promise<Loss> {
  const lost: LogRecord = { type: 'request', request: refusedOf({ ...request, seq: 1_000 }) }
  const { losses } = await analyse(planOf(), logOf([...records, ...requestsOf(), lost]))
  expect(losses).toHaveLength(1)
  return losses[0]!
}
const at = (dueUs: number): Partial<RequestRecord> => ({ dueUs, sentUs: dueUs })
const withoutProgrammed = frame.filter(({ type }) => type !== 'programmed')

test('the pod that the response names has lost the request', async () => {
  const answer = { outcome: 'http-5xx', status: 502, pod: 'old-b', firstByteUs: 4.35 * second } as const
  const loss = await lossOf({ ...at(4.3 * second), ...answer, bytes: 200, settledUs: 4.36 * second })
  expect(loss).toMatchObject({ pod: 'old-b', attributedBy: 'response', candidates: [], hiddenByRetry: false })
  expect(loss.moment).toMatchObject({ name: 'ready', sinceUs: 4.35 * second - 501 * ms })
})

test('a kept connection stays with the pod that answered on it before, whatever the endpoints say', async () => {
  const kept = { lane: 'reused', use: 3, previousPod: 'old-a', outcome: 'closed-before-response' } as const
  const loss = await lossOf({ ...at(4.3 * second), ...kept, settledUs: 4.33 * second })
  expect(loss).toMatchObject({
    pod: 'old-a',
    attributedBy: 'connection',
    moment: { name: 'exited', container: 'nginx', sinceUs: 10 * ms },
    sinceDeletionUs: 330 * ms,
    sinceSignalUs: 310 * ms,
  })
})

describe('a new connection without an answer', () => {
  test('belongs to the one pod that was leaving and still programmed', async () => {
    const loss = await lossOf(at(4.1 * second))
    expect(loss).toMatchObject({ pod: 'old-a', attributedBy: 'moment', candidates: [] })
  })

  test('belongs to nobody once the rules no longer lead to the leaving pod', async () => {
    expect(await lossOf(at(4.27 * second))).toMatchObject({ pod: null, attributedBy: null, moment: null })
  })

  test('may still belong to it for 5 s where no rules were seen', async () => {
    expect(await lossOf(at(4.9 * second), withoutProgrammed)).toMatchObject({ pod: 'old-a', attributedBy: 'moment' })
    expect(await lossOf(at(5.9 * second), withoutProgrammed)).toMatchObject({ pod: 'old-a' })
    expect(await lossOf(at(9.5 * second), withoutProgrammed)).toMatchObject({ pod: 'old-b' })
    expect(await lossOf(at(11.02 * second), withoutProgrammed)).toMatchObject({ pod: null })
  })

  test('when nothing is being disrupted belongs to nobody', async () => {
    const loss = await lossOf(at(2 * second))
    expect(loss).toMatchObject({
      pod: null,
      attributedBy: null,
      candidates: [],
      sinceDeletionUs: null,
      phase: 'before',
    })
  })

  describe('while two pods leave', () => {
    const both = [
      ...withoutProgrammed,
      podAt(4_050 * ms, 'modified', 'old-b', { terminating: true }),
      containerAt(4_060 * ms, { pod: 'old-b', container: 'nginx' }, 'signal'),
    ]

    test('names each that cannot be ruled out, the one that stopped closest before it first', async () => {
      const reset = { ...at(4_400 * ms), outcome: 'reset-before-response' } as const
      expect(await lossOf(reset, both)).toMatchObject({
        pod: 'old-a',
        attributedBy: null,
        candidates: ['old-a', 'old-b'],
      })
    })

    test('a refusal cannot come from the one that answered a later request', async () => {
      expect(await lossOf(at(4_400 * ms), both)).toMatchObject({ pod: 'old-a', attributedBy: 'moment', candidates: [] })
    })

    test('nor can any loss come from the one to which nothing had been done yet', async () => {
      const early = { ...at(4_040 * ms), outcome: 'reset-before-response' } as const
      expect(await lossOf(early, both)).toMatchObject({ pod: 'old-a', attributedBy: 'moment', candidates: [] })
    })

    test('an established connection is cut by what happened while it was open', async () => {
      const cut = { ...at(4_030 * ms), outcome: 'closed-before-response', connectedUs: 4_031 * ms } as const
      const loss = await lossOf({ ...cut, settledUs: 4_070 * ms }, both)
      expect(loss).toMatchObject({ pod: 'old-b', attributedBy: 'moment', candidates: [] })
    })
  })

  test('belongs to a pod that is called ready and has never answered', async () => {
    expect(await lossOf(at(3.97 * second))).toMatchObject({
      pod: 'new-a',
      attributedBy: 'moment',
      moment: { name: 'ready' },
    })
  })

  test('that was refused is not of a pod whose server says that it listens', async () => {
    const listens = { ...containerAt(3.94 * second, { pod: 'new-a', container: 'nginx' }, 'started'), source: 'log' }
    expect(await lossOf(at(3.97 * second), [...frame, listens as LogRecord])).toMatchObject({ pod: null })
    const reset = { ...at(3.97 * second), outcome: 'reset-before-response' } as const
    expect(await lossOf(reset, [...frame, listens as LogRecord])).toMatchObject({ pod: 'new-a' })
  })

  test('belongs to a pod that was signalled long before the news of its deletion came', async () => {
    const late = withoutProgrammed.map((record) =>
      record.type === 'pod' && record.pod.name === 'old-a' && record.t === 4 * second
        ? { ...record, t: 4.7 * second }
        : record,
    )
    expect(await lossOf(at(4.1 * second), late)).toMatchObject({ pod: 'old-a', attributedBy: 'moment' })
  })

  test('belongs to a pod whose container died without being deleted', async () => {
    const crash = [...frame, containerAt(9 * second, { pod: 'new-a', container: 'app' }, 'exited', '137')]
    const loss = await lossOf(at(9.2 * second), crash)
    expect(loss).toMatchObject({ pod: 'new-a', attributedBy: 'moment', moment: { name: 'exited', container: 'app' } })
  })
})

test('time counts from the last stop signal before the failure, and else to the first after it', async () => {
  const app = (us: number) => containerAt(us, { pod: 'old-a', container: 'app' }, 'signal')
  const twice = [...frame, app(4_100 * ms)]
  expect((await lossOf({ ...at(4_050 * ms), settledUs: 4_060 * ms }, twice)).sinceSignalUs).toBe(40 * ms)
  expect((await lossOf({ ...at(4_150 * ms), settledUs: 4_160 * ms }, twice)).sinceSignalUs).toBe(60 * ms)
  const kept = { ...at(4 * second), lane: 'reused', use: 2, previousPod: 'old-a', settledUs: 4_010 * ms } as const
  expect((await lossOf(kept, twice)).sinceSignalUs).toBe(-10 * ms)
})

test('a retry would have hidden what may be repeated and had no byte of an answer, and nothing else', async () => {
  const hidden = async (request: Partial<RequestRecord>): Promise<boolean> =>
    (await lossOf({ ...at(4.1 * second), ...request })).hiddenByRetry
  expect(await hidden({})).toBe(true)
  expect(await hidden({ lane: 'reused-post' })).toBe(false)
  expect(await hidden({ outcome: 'truncated', bytes: 10 })).toBe(false)
  expect(await hidden({ outcome: 'in-flight' })).toBe(false)
})

test('a readiness that flickered is not the removal of the endpoint', async () => {
  const flicker = [...frame, endpointsAt(2 * second, ['old-b']), endpointsAt(2.1 * second, ['old-a', 'old-b'])]
  const { pods } = await analyse(planOf(), logOf([...flicker, ...requestsOf()]))
  expect(pods.find(({ pod }) => pod === 'old-a')?.endpointRemovedUs).toBe(4.01 * second)
})
