import { describe, expect, test } from 'vitest'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Loss } from '../../model/result.ts'
import {
  containerAt,
  endpointsAt,
  podAt,
  programmedAt,
  buildRefused,
  buildRequest,
} from '../../testing/samples/records.ts'
import { frameRecords, buildLog, ms, buildPlan, buildRequests, second } from '../../testing/samples/rollout-log.ts'
import { analyseRun } from '../verdict/analyse-run.ts'

/** The conclusion about one more request in the rollout: `old-a` is deleted at 4 s, signalled at 4.02 and exits at 4.32. */
async function analyseLoss(
  request: Partial<RequestRecord>,
  records: readonly LogRecord[] = frameRecords,
  others: readonly LogRecord[] = buildRequests(),
): Promise<Loss> {
  const lost: LogRecord = { type: 'request', request: buildRefused({ localPort: 50_000, ...request, seq: 1_000 }) }
  const { losses } = await analyseRun(buildPlan(), buildLog([...records, ...others, lost]))
  expect(losses).toHaveLength(1)
  return losses[0]!
}
const dueAt = (dueUs: number): Partial<RequestRecord> => ({ dueUs, sentUs: dueUs })
const withoutProgrammed = frameRecords.filter(({ type }) => type !== 'programmed')

test('the pod that the response names has lost the request', async () => {
  const answer = { outcome: 'http-5xx', status: 502, pod: 'old-b', firstByteUs: 4.35 * second } as const
  const loss = await analyseLoss({ ...dueAt(4.3 * second), ...answer, bytes: 200, settledUs: 4.36 * second })
  expect(loss).toMatchObject({ pod: 'old-b', attributedBy: 'response', candidates: [], retriedBy: ['curl-retry'] })
  expect(loss.moment).toMatchObject({ name: 'ready', sinceUs: 4.35 * second - 501 * ms })
})

test('kept connection: belongs to the pod that answered on it before', async () => {
  const kept = { lane: 'reused', use: 3, previousPod: 'old-a', outcome: 'closed-before-response' } as const
  const loss = await analyseLoss({ ...dueAt(4.3 * second), ...kept, settledUs: 4.33 * second })
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
    const loss = await analyseLoss(dueAt(4.1 * second))
    expect(loss).toMatchObject({ pod: 'old-a', attributedBy: 'moment', candidates: [] })
  })

  test('belongs to no pod once the rules no longer lead to the leaving one', async () => {
    expect(await analyseLoss(dueAt(4.27 * second))).toMatchObject({ pod: null, attributedBy: null, moment: null })
  })

  test('may still belong to it for 5 s where no rules were seen', async () => {
    expect(await analyseLoss(dueAt(4.9 * second), withoutProgrammed)).toMatchObject({
      pod: 'old-a',
      attributedBy: 'moment',
    })
    expect(await analyseLoss(dueAt(5.9 * second), withoutProgrammed)).toMatchObject({ pod: 'old-a' })
    expect(await analyseLoss(dueAt(9.5 * second), withoutProgrammed)).toMatchObject({ pod: 'old-b' })
    expect(await analyseLoss(dueAt(11.02 * second), withoutProgrammed)).toMatchObject({ pod: null })
  })

  test('when nothing is being disrupted belongs to no pod', async () => {
    const loss = await analyseLoss(dueAt(2 * second))
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

    test('names all that cannot be ruled out, the one stopped closest before first', async () => {
      const reset = { ...dueAt(4_400 * ms), outcome: 'reset-before-response' } as const
      expect(await analyseLoss(reset, both)).toMatchObject({
        pod: 'old-a',
        attributedBy: null,
        candidates: ['old-a', 'old-b'],
      })
    })

    test('a refusal cannot come from the one that answered a later request', async () => {
      expect(await analyseLoss(dueAt(4_400 * ms), both)).toMatchObject({
        pod: 'old-a',
        attributedBy: 'moment',
        candidates: [],
      })
    })

    test('nor can any loss come from the one to which nothing had been done yet', async () => {
      const early = { ...dueAt(4_040 * ms), outcome: 'reset-before-response' } as const
      expect(await analyseLoss(early, both)).toMatchObject({ pod: 'old-a', attributedBy: 'moment', candidates: [] })
    })

    test('an established connection is cut by what happened while it was open', async () => {
      const cut = { ...dueAt(4_030 * ms), outcome: 'closed-before-response', connectedUs: 4_031 * ms } as const
      const loss = await analyseLoss({ ...cut, settledUs: 4_070 * ms }, both)
      expect(loss).toMatchObject({ pod: 'old-b', attributedBy: 'moment', candidates: [] })
    })
  })

  test('without an answer may belong to a pod that was signalled before', async () => {
    const both = [
      ...withoutProgrammed.filter((record) => record.type !== 'container'),
      podAt(4_050 * ms, 'modified', 'old-b', { terminating: true }),
      containerAt(4_020 * ms, { pod: 'old-a', container: 'nginx' }, 'signal', 'SIGTERM'),
      containerAt(4_360 * ms, { pod: 'old-b', container: 'nginx' }, 'signal', 'SIGTERM'),
    ]
    const connected = { ...dueAt(4_330 * ms), connectedUs: 4_331 * ms }
    const silent = { ...connected, outcome: 'timeout-headers', settledUs: 9_331 * ms } as const
    expect((await analyseLoss(silent, both)).candidates.toSorted()).toEqual(['old-a', 'old-b'])
    const cut = { ...connected, outcome: 'closed-before-response', settledUs: 4_370 * ms } as const
    expect(await analyseLoss(cut, both)).toMatchObject({ pod: 'old-b', attributedBy: 'moment', candidates: [] })
  })

  test('may be cut by a container killed before, whose exit is logged after', async () => {
    const createKill = (pod: string, killUs: number, exitUs: number): LogRecord[] => [
      containerAt(killUs, { pod, container: 'nginx' }, 'signal', 'SIGKILL'),
      containerAt(exitUs, { pod, container: 'nginx' }, 'exited', '137'),
    ]
    const both = [
      ...withoutProgrammed.filter(
        (record) => record.type !== 'container' && (record.type !== 'pod' || record.t < 4 * second),
      ),
      podAt(4 * second, 'modified', 'old-a', { terminating: true }),
      podAt(4 * second, 'modified', 'old-b', { terminating: true }),
      ...createKill('old-a', 4_020 * ms, 4_090 * ms),
      ...createKill('old-b', 4_021 * ms, 4_045 * ms),
    ]
    const cut = { ...dueAt(4_030 * ms), outcome: 'reset-before-response', connectedUs: 4_031 * ms } as const
    const loss = await analyseLoss({ ...cut, settledUs: 4_050 * ms }, both)
    expect(loss.candidates.toSorted()).toEqual(['old-a', 'old-b'])
  })

  test('belongs to a pod that is called ready and has never answered', async () => {
    expect(await analyseLoss(dueAt(3.97 * second))).toMatchObject({
      pod: 'new-a',
      attributedBy: 'moment',
      moment: { name: 'ready' },
    })
  })

  test('that was refused is not of a pod whose server says that it listens', async () => {
    const listens = { ...containerAt(3.94 * second, { pod: 'new-a', container: 'nginx' }, 'started'), source: 'log' }
    expect(await analyseLoss(dueAt(3.97 * second), [...frameRecords, listens as LogRecord])).toMatchObject({
      pod: null,
    })
    const reset = { ...dueAt(3.97 * second), outcome: 'reset-before-response' } as const
    expect(await analyseLoss(reset, [...frameRecords, listens as LogRecord])).toMatchObject({ pod: 'new-a' })
  })

  test('belongs to a pod signalled long before its deletion was observed', async () => {
    const late = withoutProgrammed.map((record) =>
      record.type === 'pod' && record.pod.name === 'old-a' && record.t === 4 * second
        ? { ...record, t: 4.7 * second }
        : record,
    )
    expect(await analyseLoss(dueAt(4.1 * second), late)).toMatchObject({ pod: 'old-a', attributedBy: 'moment' })
  })

  test('belongs to a pod whose container died without being deleted', async () => {
    const crash = [...frameRecords, containerAt(9 * second, { pod: 'new-a', container: 'app' }, 'exited', '137')]
    const loss = await analyseLoss(dueAt(9.2 * second), crash)
    expect(loss).toMatchObject({ pod: 'new-a', attributedBy: 'moment', moment: { name: 'exited', container: 'app' } })
  })
})

describe('a loss that is noticed long after', () => {
  /** Containers that end at once, and the network with them; no proxy reports its rules. */
  const createEnd = (pod: string, exitUs: number): LogRecord[] => [
    containerAt(exitUs, { pod, container: 'nginx' }, 'exited', '0'),
    podAt(exitUs + 50 * ms, 'deleted', pod, { terminating: true }),
  ]
  const abrupt = [
    ...withoutProgrammed.filter(
      (record) => record.type !== 'container' && (record.type !== 'pod' || record.change !== 'deleted'),
    ),
    containerAt(4_020 * ms, { pod: 'old-a', container: 'nginx' }, 'signal', 'SIGTERM'),
    containerAt(6_020 * ms, { pod: 'old-b', container: 'nginx' }, 'signal', 'SIGTERM'),
    ...createEnd('old-a', 4_021 * ms),
    ...createEnd('old-b', 6_021 * ms),
  ]
  const createUnanswered = (dueUs: number, settledUs = dueUs + 5 * second): Partial<RequestRecord> => ({
    ...dueAt(dueUs),
    settledUs,
    outcome: 'connect-timeout',
    detail: null,
  })

  test('belongs to the pod and the phase of its first SYN', async () => {
    const loss = await analyseLoss(createUnanswered(4_100 * ms), abrupt)
    expect(loss).toMatchObject({
      pod: 'old-a',
      attributedBy: 'moment',
      candidates: [],
      phase: 'during',
      lostUs: 4_100 * ms,
      lostBy: 'first-syn',
      sinceDeletionUs: 100 * ms,
      sinceSignalUs: 80 * ms,
      moment: { name: 'gone', sinceUs: 29 * ms },
    })
    // Timed out in the phase `after`, when the last old pod had been gone for 3 s.
    expect(await analyseLoss(createUnanswered(6_100 * ms), abrupt)).toMatchObject({ pod: 'old-b', phase: 'during' })
  })

  test('without a route for seconds of ARP neither', async () => {
    const noRoute = {
      ...createUnanswered(4_100 * ms, 7_170 * ms),
      outcome: 'unreachable',
      detail: 'EHOSTUNREACH',
    } as const
    expect(await analyseLoss(noRoute, abrupt)).toMatchObject({
      pod: 'old-a',
      attributedBy: 'moment',
      sinceDeletionUs: 100 * ms,
    })
  })

  describe('from a port that was used before', () => {
    // By the rules no connection reaches an old pod from 6.25 s on.
    const createFromPort = (dueUs: number): Partial<RequestRecord> => ({
      ...createUnanswered(dueUs),
      localPort: 50_000,
    })
    const createEarlier = (dueUs: number, fields: Partial<RequestRecord> = {}): LogRecord => {
      const request = buildRequest({ seq: 1_001, dueUs, pod: 'old-a', localPort: 50_000, ...fields })
      return { type: 'request', request }
    }
    const nobody = { pod: null, attributedBy: null, candidates: [] }

    test('belongs to the pod of the earlier connection', async () => {
      const loss = await analyseLoss(createFromPort(9 * second), [...frameRecords, createEarlier(3.5 * second)])
      expect(loss).toMatchObject({ pod: 'old-a', attributedBy: 'moment', moment: { name: 'gone' } })
      const other = [...frameRecords, createEarlier(3.5 * second, { localPort: 50_001 })]
      expect(await analyseLoss(createFromPort(9 * second), other)).toMatchObject(nobody)
      const otherDriver = [...frameRecords, createEarlier(3.5 * second, { driver: 1 })]
      expect(await analyseLoss(createFromPort(9 * second), otherDriver)).toMatchObject(nobody)
    })

    test('of several earlier ones only the last counts', async () => {
      const twice = [
        ...frameRecords,
        createEarlier(3.5 * second),
        createEarlier(7 * second, { seq: 1_002, pod: 'new-a' }),
      ]
      expect(await analyseLoss(createFromPort(9 * second), twice)).toMatchObject(nobody)
    })

    test('and not for longer than connection tracking keeps it', async () => {
      const log = [...frameRecords, createEarlier(3.5 * second)]
      expect(await analyseLoss(createFromPort(123.5 * second), log)).toMatchObject({ pod: 'old-a' })
      expect(await analyseLoss(createFromPort(123.7 * second), log)).toMatchObject(nobody)
    })

    test('may belong to another pod to which new connections go wrong', async () => {
      const loss = await analyseLoss(createFromPort(9.8 * second), [...abrupt, createEarlier(3.5 * second)])
      expect(loss).toMatchObject({ pod: 'old-a', attributedBy: null, candidates: ['old-a', 'old-b'] })
    })

    test('belongs to the pod of the earlier connection, if that was lost as well', async () => {
      const lost = [createUnanswered(4_100 * ms), createUnanswered(9.5 * second)].map((request, index): LogRecord => ({
        type: 'request',
        request: buildRefused({ ...request, seq: 1_000 + index, localPort: 50_000 }),
      }))
      const { losses } = await analyseRun(buildPlan(), buildLog([...frameRecords, ...buildRequests(), ...lost]))
      expect(losses.map(({ pod }) => pod)).toEqual(['old-a', 'old-a'])
    })
  })

  test('is not of a pod that was called to stop after its first SYN', async () => {
    expect(await analyseLoss(createUnanswered(3_970 * ms), abrupt)).not.toMatchObject({ pod: 'old-a' })
  })

  test('established: of the pod that accepted it, from the usual answer on', async () => {
    const silent = {
      ...dueAt(4_000 * ms),
      outcome: 'timeout-headers',
      connectedUs: 4_001 * ms,
      settledUs: 9_001 * ms,
    } as const
    const loss = await analyseLoss(silent, abrupt)
    // The undisturbed answers of this log take 100 ms.
    expect(loss).toMatchObject({
      pod: 'old-a',
      attributedBy: 'moment',
      lostUs: 4_101 * ms,
      lostBy: 'answer-due',
      phase: 'during',
    })
    expect(loss.sinceSignalUs).toBe(81 * ms)
  })

  test('slow refusal: of the pod of the first SYN, at the instant of the last', async () => {
    // `old-b` answers new connections until 5.99 s and is signalled at 6.02 s.
    const early = await analyseLoss({ ...dueAt(4_310 * ms), settledUs: 5_320 * ms }, withoutProgrammed)
    expect(early).toMatchObject({ pod: 'old-a', attributedBy: 'moment', lostUs: 5_320 * ms, lostBy: 'last-syn' })
    // At the last SYN `old-a` was gone, and a pod that is gone does not refuse.
    const late = await analyseLoss({ ...dueAt(5_020 * ms), settledUs: 6_030 * ms }, withoutProgrammed)
    expect(late).toMatchObject({ pod: 'old-b', attributedBy: 'moment', candidates: [], phase: 'during' })
    const kept = withoutProgrammed.filter((record) => record.type !== 'pod' || record.change !== 'deleted')
    const either = await analyseLoss({ ...dueAt(5_020 * ms), settledUs: 6_030 * ms }, kept)
    expect(either).toMatchObject({ pod: 'old-b', attributedBy: null, candidates: ['old-b', 'old-a'] })
  })

  test('may be of a pod that a later SYN went to, if none was leaving before', async () => {
    // `old-b` is gone from 6.071 s on, before its rules are: SYNs were sent at 5.06, 6.06 and so on.
    const own = abrupt.filter((record) => !('pod' in record) || record.type !== 'container' || record.pod !== 'old-a')
    const later = own.filter(
      (record) => record.type !== 'pod' || record.pod.name !== 'old-a' || !record.pod.terminating,
    )
    expect(await analyseLoss(createUnanswered(5_060 * ms), later)).toMatchObject({
      pod: 'old-b',
      attributedBy: 'moment',
      lostUs: 5_060 * ms,
    })
  })

  test('a refusal while the Service has no pod is the fault of none', async () => {
    const none = [...abrupt, endpointsAt(4_150 * ms, []), endpointsAt(4_500 * ms, ['new-a'])]
    expect(await analyseLoss(dueAt(4_200 * ms), none)).toMatchObject({ pod: null, attributedBy: null, candidates: [] })
    expect(await analyseLoss(dueAt(4_100 * ms), none)).toMatchObject({ pod: 'old-a' })
    const rules = [...frameRecords, programmedAt(4_150 * ms, []), programmedAt(4_200 * ms, ['new-a'])]
    expect(await analyseLoss(dueAt(4_142 * ms), rules)).toMatchObject({ pod: null, candidates: [] })
    expect(await analyseLoss(dueAt(4_152 * ms), rules)).toMatchObject({ pod: null, candidates: [] })
    expect(await analyseLoss(dueAt(4_100 * ms), rules)).toMatchObject({ pod: 'old-a' })
  })

  describe('after the last endpoint went, where no proxy tells of its rules', () => {
    /** Both old pods are deleted at 6 s, their slice is empty from 6.15 s, they are gone from 7 s, and `new-a` is ready at 9 s. */
    const recreated = [
      ...frameRecords.filter(({ type }) => !['pod', 'container', 'endpoints', 'programmed'].includes(type)),
      ...['old-a', 'old-b'].flatMap((pod) => [
        podAt(500 * ms, 'added', pod),
        podAt(6 * second, 'modified', pod, { terminating: true }),
        containerAt(6_020 * ms, { pod, container: 'nginx' }, 'signal', 'SIGTERM'),
        podAt(7 * second, 'deleted', pod, { terminating: true }),
      ]),
      podAt(9 * second, 'added', 'new-a'),
      endpointsAt(510 * ms, ['old-a', 'old-b']),
      endpointsAt(6_150 * ms, []),
      endpointsAt(9 * second, ['new-a']),
    ]
    const nobody = { pod: null, attributedBy: null, candidates: [] }
    const oneOrNone = { pod: 'old-a', attributedBy: null, candidates: ['old-a'], podless: 'possible' }

    test('a node goes on sending to the pods that it had for up to 2 s', async () => {
      expect((await analyseLoss(dueAt(6_300 * ms), recreated)).candidates).toEqual(['old-a', 'old-b'])
      expect((await analyseLoss(createUnanswered(8_100 * ms), recreated)).candidates).toEqual(['old-a', 'old-b'])
    })

    test('and then it is the fault of none', async () => {
      expect(await analyseLoss(createUnanswered(8_200 * ms), recreated)).toMatchObject(nobody)
    })

    test('also when the slice has a pod that the node may not have yet', async () => {
      const noRoute = {
        ...createUnanswered(9_500 * ms, 12_570 * ms),
        outcome: 'unreachable',
        detail: 'EHOSTUNREACH',
      } as const
      expect(await analyseLoss(noRoute, recreated)).toMatchObject(nobody)
    })

    test('a pod that is gone does not refuse', async () => {
      expect(await analyseLoss(dueAt(7_100 * ms), recreated)).toMatchObject(nobody)
    })

    test('one pod is not told from none', async () => {
      const alone = recreated.filter((record) => record.type !== 'pod' || record.pod.name !== 'old-b')
      expect(await analyseLoss(dueAt(6_300 * ms), alone)).toMatchObject(oneOrNone)
      expect(await analyseLoss(createUnanswered(7_100 * ms), alone)).toMatchObject(oneOrNone)
      expect(await analyseLoss(dueAt(6_100 * ms), alone)).toMatchObject({ pod: 'old-a', attributedBy: 'moment' })
    })

    test('nor is it in the moment at which the proxy writes that there is none', async () => {
      const rules = [
        ...recreated.filter((record) => record.type !== 'pod' || record.pod.name !== 'old-b'),
        programmedAt(530 * ms, ['old-a']),
        programmedAt(7.5 * second, []),
      ]
      expect(await analyseLoss(createUnanswered(7_480 * ms), rules)).toMatchObject({
        pod: 'old-a',
        attributedBy: 'moment',
      })
      expect(await analyseLoss(createUnanswered(7_495 * ms), rules)).toMatchObject(oneOrNone)
      const slow = [...rules.slice(0, -1), programmedAt(7.5 * second, [], 30 * ms)]
      expect(await analyseLoss(createUnanswered(7_480 * ms), slow)).toMatchObject(oneOrNone)
    })

    describe('connections that waited for a pod', () => {
      /** On new connections, from `us` on, every 5 ms: each was answered by `new-a` once it was ready. */
      const createWaiting = (us: number, count: number): LogRecord[] =>
        Array.from({ length: count }, (_, index) => {
          const sentUs = us + index * 5 * ms
          return {
            type: 'request',
            request: buildRequest({
              seq: 500 + index,
              dueUs: sentUs,
              sentUs,
              connectedUs: 9.1 * second,
              firstByteUs: 9.2 * second,
              settledUs: 9.2 * second,
              pod: 'new-a',
            }),
          }
        })
      /** All others went out before the disruption. */
      const before = buildRequests().filter((record) => record.type === 'request' && record.request.dueUs < 6 * second)
      const analyseAmong = (us: number, ...more: LogRecord[]): Promise<Loss> =>
        analyseLoss(createUnanswered(us), recreated, [...before, ...more])
      const ten = createWaiting(6_500 * ms, 10)

      test('tell since when the node had none', async () => {
        const none = { pod: null, attributedBy: null, candidates: [], podless: 'certain' }
        expect(await analyseAmong(6_546 * ms, ...ten)).toMatchObject(none)
        expect(await analyseAmong(7_900 * ms, ...ten)).toMatchObject(none)
        const sooner = await analyseAmong(6_400 * ms, ...ten)
        expect(sooner).toMatchObject({ candidates: ['old-a', 'old-b'], podless: 'possible' })
      })

      test('and that it still had one, if one was made after the loss', async () => {
        const made: LogRecord = {
          type: 'request',
          request: buildRequest({
            seq: 400,
            dueUs: 6_450 * ms,
            sentUs: 6_450 * ms,
            connectedUs: 6_451 * ms,
            pod: 'old-b',
          }),
        }
        const loss = await analyseAmong(6_400 * ms, ...ten, made)
        expect(loss).toMatchObject({ pod: 'old-a', attributedBy: 'moment', podless: null })
      })

      test('prove nothing where they are few: a pod on the client’s node delays some', async () => {
        expect((await analyseAmong(7_900 * ms, ...createWaiting(6_500 * ms, 9))).podless).toBe('possible')
      })
    })

    test('while none is ready, those that terminate and still serve are sent to', async () => {
      const serving = { ready: false, serving: true, terminating: true }
      const draining = [
        ...recreated.filter((record) => record.type !== 'endpoints' || record.t < 6 * second),
        endpointsAt(6_150 * ms, ['old-a', 'old-b'], 'web-1', serving),
        endpointsAt(12 * second, []),
      ]
      const loss = await analyseLoss(createUnanswered(9.5 * second), draining)
      expect(loss).toMatchObject({ candidates: ['old-a', 'old-b'], podless: null })
    })
  })

  test('a name that was not resolved is the fault of no pod', async () => {
    const dns = { ...dueAt(4_100 * ms), outcome: 'dns', detail: 'ENOTFOUND', connection: null } as const
    expect(await analyseLoss(dns)).toMatchObject({ pod: null, attributedBy: null, candidates: [] })
  })
})

test('since: from the last stop signal before, else to the first after', async () => {
  const signalApp = (us: number) => containerAt(us, { pod: 'old-a', container: 'app' }, 'signal')
  const twice = [...frameRecords, signalApp(4_100 * ms)]
  expect((await analyseLoss({ ...dueAt(4_050 * ms), settledUs: 4_060 * ms }, twice)).sinceSignalUs).toBe(40 * ms)
  expect((await analyseLoss({ ...dueAt(4_150 * ms), settledUs: 4_160 * ms }, twice)).sinceSignalUs).toBe(60 * ms)
  const kept = { ...dueAt(4 * second), lane: 'reused', use: 2, previousPod: 'old-a', settledUs: 4_010 * ms } as const
  expect((await analyseLoss(kept, twice)).sinceSignalUs).toBe(-10 * ms)
})

test('retry: by the method that was planned, and whether the connection was kept', async () => {
  const listClients = async (request: Partial<RequestRecord>): Promise<string[]> =>
    (await analyseLoss({ ...dueAt(4.1 * second), outcome: 'closed-before-response', bytes: 0, ...request })).retriedBy
  expect(await listClients({})).toEqual(['firefox', 'urllib3', 'nginx', 'envoy'])
  expect(await listClients({ lane: 'reused', use: 2 })).toContain('go')
  expect(await listClients({ lane: 'reused-post', use: 2 })).toEqual(['chromium', 'firefox', 'curl', 'envoy'])
})

test('a readiness that flickered is not the removal of the endpoint', async () => {
  const flicker = [...frameRecords, endpointsAt(2 * second, ['old-b']), endpointsAt(2.1 * second, ['old-a', 'old-b'])]
  const { pods } = await analyseRun(buildPlan(), buildLog([...flicker, ...buildRequests()]))
  expect(pods.find(({ pod }) => pod === 'old-a')?.endpointRemovedUs).toBe(4.01 * second)
})
