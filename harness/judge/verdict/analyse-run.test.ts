import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import { lanes } from '../../model/plan.ts'
import type { RunPlan } from '../../model/plan.ts'
import { disruptOnce } from '../../model/steps/order.ts'
import { notSentReasons, outcomes } from '../../model/record.ts'
import type { DriverHealth, LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { endpointsAt, buildRefused, buildRequest, stepAt } from '../../testing/samples/records.ts'
import {
  frameRecords,
  buildLog,
  ms,
  buildPlan,
  buildRequests,
  buildRolloutLog,
  second,
  times,
} from '../../testing/samples/rollout-log.ts'
import { analyseRun } from './analyse-run.ts'

const analyseRecords = (records: readonly LogRecord[], torn = false, plan = buildPlan()): Promise<Analysis> =>
  analyseRun(plan, buildLog(records, torn))
const dropTypes = (...types: string[]): LogRecord[] =>
  buildRolloutLog().filter((record) => !types.includes(record.type === 'step' ? record.step : record.type))
const refusedBetween =
  (fromUs: number, toUs: number) =>
  (request: RequestRecord): RequestRecord =>
    request.dueUs >= fromUs && request.dueUs < toUs ? buildRefused({ seq: request.seq, dueUs: request.dueUs }) : request

test('a rollout in which nothing was lost passes, with what the zero proves', async () => {
  const analysis = await analyseRecords(buildRolloutLog())
  expect(analysis).toMatchObject({
    verdict: 'passed',
    because: ['none of 1,000 requests was lost'],
    hypothesis: { expects: 'loses-none', held: true },
    sentence:
      '0 of 1,000 requests lost in 1 rollout: fewer than 1 in 334 at 95 %; no new connection reached a leaving pod after its deletion',
    ledger: { planned: 1_000, sent: 1_000, ok: 1_000, lost: 0, balanced: true },
    losses: [],
    outages: [],
    latency: { count: 1_000, p50Us: 100 * ms },
    sendLag: { count: 1_000, maxUs: 100 },
  })
  expect(analysis.phases).toEqual([
    { phase: 'before', fromUs: times.begin, toUs: times.disrupt },
    { phase: 'during', fromUs: times.disrupt, toUs: times.gone },
    { phase: 'after', fromUs: times.gone, toUs: times.end + 151 * ms },
  ])
  const fresh = analysis.lanes.find(({ lane }) => lane === 'fresh')!
  expect([fresh.byPhase.before.count, fresh.byPhase.during.count, fresh.byPhase.after.count]).toEqual([200, 500, 300])
})

test('a rollout that lost requests fails, and says which and when', async () => {
  const plan = buildPlan({}, { expects: 'loses' })
  const analysis = await analyseRecords(buildRolloutLog(refusedBetween(4.05 * second, 4.2 * second)), false, plan)
  expect(analysis).toMatchObject({
    verdict: 'failed',
    hypothesis: { held: true },
    sentence:
      '15 of 1,000 requests lost (6.3 % of those due while pods left): 15 refused, 30–170 ms after old-a was sent SIGTERM',
    outages: [{ fromUs: 4.05 * second, toUs: 4.2 * second, lost: 15 }],
  })
  expect(analysis.losses).toHaveLength(15)
  expect(analysis.losses[0]).toMatchObject({
    phase: 'during',
    pod: 'old-a',
    attributedBy: 'moment',
    moment: { name: 'signal', container: 'nginx', atUs: 4_020 * ms, sinceUs: 30_400 },
    sinceDeletionUs: 50_400,
    sinceEndpointRemovedUs: 40_400,
    retriedBy: ['urllib3', 'nginx', 'envoy', 'istio'],
  })
})

test('unanswered for a while: those connected afterwards have waited', async () => {
  // From 4 s to 9.8 s no SYN is answered. Each is retransmitted after 1, 3 and 7 s; a limit of 5 s ends all but the third.
  const [gapUs, backUs] = [4 * second, 9.8 * second]
  const retriesUs = [second, 3 * second, 7 * second]
  const delayAnswer = (request: RequestRecord): RequestRecord => {
    const { seq, dueUs } = request
    if (dueUs < gapUs || dueUs >= backUs) return request
    const answeredUs = retriesUs.map((us) => dueUs + us).find((us) => us >= backUs) ?? Infinity
    if (answeredUs - dueUs > 5 * second)
      return { ...buildRefused({ seq, dueUs }), outcome: 'connect-timeout', settledUs: dueUs + 5 * second }
    const settledUs = answeredUs + 100 * ms
    return { ...request, connectedUs: answeredUs, firstByteUs: settledUs, settledUs }
  }
  const { outages, waited, sentence, losses } = await analyseRecords(buildRolloutLog(delayAnswer))
  // 280 requests were due in the first 2.8 s, too early for the SYN after 3 s.
  expect(outages).toEqual([{ fromUs: gapUs, toUs: backUs, lost: 280, waited: 300, longestWaitUs: 3.1 * second }])
  expect(waited).toEqual({ overUs: 600 * ms, requests: 300, longestUs: 3.1 * second })
  expect(losses).toHaveLength(280)
  expect(sentence).toContain('; 300 more waited up to 3.1 s for their answer')
})

test('pod: when it was created, ready, deleted, removed, removed from the proxy and gone', async () => {
  const { pods } = await analyseRecords(buildRolloutLog())
  expect(pods.map(({ pod, old }) => [pod, old])).toEqual([
    ['old-a', true],
    ['old-b', true],
    ['new-a', false],
    ['new-b', false],
  ])
  expect(pods[0]).toMatchObject({
    createdUs: 10 * ms,
    readyUs: 500 * ms,
    deletionUs: 4 * second,
    endpointRemovedUs: 4.01 * second,
    removedFromProxyUs: 4.25 * second,
    goneUs: 4.4 * second,
    lastFreshUs: 3.98 * second + 300,
    containers: [{ name: 'nginx', moments: [{ moment: 'signal' }, { moment: 'exited', detail: '0' }] }],
  })
})

test('buckets cover the whole load without a hole and hold every request once', async () => {
  const { buckets, bucketUs } = await analyseRecords(buildRolloutLog(refusedBetween(4 * second, 4.1 * second)))
  expect(bucketUs).toBe(250 * ms)
  expect(buckets.map(({ fromUs }) => fromUs)).toEqual(buckets.map((_, index) => times.begin + index * bucketUs))
  expect(buckets.reduce((sum, { ok }) => sum + ok, 0)).toBe(990)
  expect(buckets.reduce((sum, { lost }) => sum + lost, 0)).toBe(10)
  expect(buckets[0]).toMatchObject({ p50Us: 100 * ms, p99Us: 100 * ms, maxUs: 100 * ms })
})

const gap: LogRecord = { type: 'gap', t: 5 * second, from: 4 * second, what: 'pods', why: 'the connection was cut' }
const busy: Extract<LogRecord, { type: 'driver' }> = {
  type: 'driver',
  t: 6 * second,
  driver: 0,
  health: { planned: 500, settled: 490, inFlight: 10, loopDelayMaxUs: 0, cpuShare: 0.9 },
}
/** Sent this late after it was due, and answered with the usual delay after that. */
const sentLate =
  (us: number, isLate: (request: RequestRecord) => boolean = () => true) =>
  (request: RequestRecord): RequestRecord => {
    const { seq, dueUs, pod } = request
    return isLate(request) ? buildRequest({ seq, dueUs, pod, sentUs: dueUs + us }) : request
  }
/** With this as the only report of the driver. */
const createHealthLog = (
  health: Partial<DriverHealth>,
  change?: (request: RequestRecord) => RequestRecord,
): LogRecord[] => [
  ...buildRolloutLog(change).filter(({ type }) => type !== 'driver'),
  { ...busy, health: { ...busy.health, ...health } },
]
/** `old-a` leaves and is not replaced. */
function createScaleDownLog(): LogRecord[] {
  const isOfPod = (pod: string): boolean => pod === 'old-a'
  const others = frameRecords.filter((record) => {
    if (record.type === 'pod')
      return isOfPod(record.pod.name) || (record.pod.name === 'old-b' && record.t < times.disrupt)
    return record.type !== 'container' || isOfPod(record.pod)
  })
  const staying = buildRequests((request) => ({ ...request, pod: request.dueUs < 4 * second ? request.pod : 'old-b' }))
  return [...others, ...staying]
}
const planOf = (disruption: Disruption): RunPlan =>
  buildPlan({ steps: disruptOnce(disruption, { beforeMs: 2_000, afterMs: 3_000 }) })
const evict = planOf({ kind: 'evict' })
const createEviction = (pod: string, status: number): LogRecord => ({
  type: 'eviction',
  t: 3_001 * ms,
  pod,
  status,
  message: '',
})

describe('no evidence, no pass (law 6)', () => {
  test.each<[string, readonly LogRecord[], string]>([
    ['the log has no end', dropTypes('end', 'load-end'), 'the log ends before the run did'],
    ['the log is empty', [], 'the log ends before the run did'],
    ['the run was interrupted', [...buildRolloutLog(), stepAt(9 * second, 'interrupted')], 'the run was interrupted'],
    [
      'the run failed',
      [...buildRolloutLog(), stepAt(9 * second, 'failed', 'no pod came')],
      'the run failed: no pod came',
    ],
    [
      'a request is missing',
      buildRolloutLog().filter((record) => record.type !== 'request' || record.request.seq !== 500),
      'the ledger does not balance: 1,000 planned, 999 accounted for',
    ],
    [
      'a request ended twice and another is missing',
      buildRolloutLog((request) => (request.seq === 501 ? { ...request, seq: 500 } : request)),
      'the ledger does not balance: 1 request ended more than once',
    ],
    [
      'a request was never planned',
      buildRolloutLog((request) => (request.seq === 501 ? { ...request, seq: 1_000 } : request)),
      'the ledger does not balance: a request was never planned',
    ],
    [
      'nothing was disrupted',
      dropTypes('disrupt-begin', 'old-pods-gone'),
      'nothing was disrupted: the log ends before',
    ],
    ['the old pods stayed', dropTypes('old-pods-gone'), 'the log ends before the old pods were gone'],
    [
      'no old pod was deleted',
      buildRolloutLog().filter((record) => record.type !== 'pod' || record.change !== 'deleted'),
      'nothing was disrupted: no old pod left',
    ],
    [
      'one old pod was not deleted',
      buildRolloutLog().filter((r) => r.type !== 'pod' || r.change !== 'deleted' || r.pod.name === 'old-a'),
      'old-b did not leave before the disruption ended',
    ],
    ['no pod was seen', dropTypes('pod'), 'nothing was disrupted: no pod was seen before the disruption'],
    [
      'a request was not sent for want of a connection',
      buildRolloutLog((request) => (request.seq === 7 ? { ...request, outcome: 'overload', sentUs: null } : request)),
      '1 of 1,000 planned requests was not sent: there was no free connection, with up to 10 requests waiting for the workload’s answer',
    ],
    [
      'a request was too late to be sent',
      buildRolloutLog((request) =>
        request.seq === 7
          ? {
              ...request,
              outcome: 'overload',
              sentUs: null,
              connectedUs: null,
              firstByteUs: null,
              settledUs: request.dueUs + 1.1 * second,
            }
          : request,
      ),
      'driver overloaded: 1 of 1,000 planned requests was not sent',
    ],
    [
      'the driver was late',
      buildRolloutLog(sentLate(150 * ms, ({ seq }) => seq % 50 === 0)),
      'driver overloaded: a request that was due 0 ms after the disruption began was sent 150 ms later',
    ],
    [
      'the driver stood still while a pod was ending',
      buildRolloutLog((request) =>
        request.dueUs >= 4 * second && request.dueUs < 4.9 * second
          ? sentLate(4.9 * second - request.dueUs)(request)
          : request,
      ),
      'no request was sent for 910 ms around the end of old-a, from 990 ms after the disruption began on',
    ],
    ['a watch was cut', [...buildRolloutLog(), gap], 'nothing was seen of pods for 1 s: the connection was cut'],
    [
      'requests had been lost before',
      buildRolloutLog(refusedBetween(2 * second, 2.03 * second)),
      '3 requests had been lost before anything was disrupted',
    ],
    [
      'nothing was sent after the disruption',
      [
        ...frameRecords.filter((record) => record.type !== 'end'),
        { type: 'end', t: 12 * second, driver: 0, planned: 700, lost: null },
        ...buildRequests().slice(0, 700),
      ],
      'the load stopped 3.01 s before it was told to',
    ],
    [
      'a phase got no request',
      buildRolloutLog((request) =>
        request.dueUs < times.disrupt ? { ...request, outcome: 'stopped', sentUs: null } : request,
      ),
      '200 of 1,000 planned requests were not sent: the driver had stopped before it was told to',
    ],
  ])('unknown when %s', async (_, records, reason) => {
    const analysis = await analyseRecords(records)
    expect(analysis.verdict).toBe('unknown')
    expect(analysis.hypothesis?.held).toBe(null)
    expect(analysis.because[0]).toBe(reason)
    expect(analysis.sentence).toContain(`No verdict: ${reason} (`)
  })

  test('a request that the disruption found under way was not lost before it', async () => {
    const found = buildRolloutLog((request) =>
      request.dueUs >= times.disrupt - 100 * ms && request.dueUs < times.disrupt
        ? { ...request, outcome: 'closed-before-response', firstByteUs: null, settledUs: times.disrupt + 20 * ms }
        : request,
    )
    const analysis = await analyseRecords(found)
    expect(analysis.because).toEqual(['10 of 1,000 requests were lost'])
    expect(analysis.losses.map(({ phase }) => phase)).toEqual(Array(10).fill('during'))
  })

  test('unknown when the log is torn, though all that is left is fine', async () => {
    expect((await analyseRecords(buildRolloutLog(), true)).because).toEqual([
      'the log is torn: its end is missing or damaged',
    ])
  })

  test.each<[string, readonly LogRecord[], string]>([
    [
      'the driver was late by more than a tenth of the latency',
      buildRolloutLog(sentLate(20 * ms, ({ seq }) => seq % 50 === 0)),
      'driver overloaded: 1 % of the requests were sent 20 ms or more after they were due',
    ],
    ['the driver was busy', createHealthLog({ cpuShare: 0.9 }), 'driver overloaded: it used 90 % of a core'],
    [
      'the driver had a busy neighbour',
      createHealthLog({ cpuShare: 0.1, waitShare: 0.2 }, sentLate(3 * ms)),
      'driver overloaded: it waited 20 % of the time for a core that something else had',
    ],
    [
      'the machine of a busy driver was not its own',
      createHealthLog({ cpuShare: 0.9, stolenShare: 0.035 }),
      "driver overloaded: it used 90 % of a core; 3.5 % of its machine's time went to other machines",
    ],
  ])('latencies are not told when %s, and that none was lost is', async (_, records, reason) => {
    const { verdict, because, voided } = await analyseRecords(records)
    expect([verdict, voided]).toEqual(['passed', ['how-late']])
    expect(because).toEqual(['none of 1,000 requests was lost', `not concluded: latencies, as ${reason}`])
  })

  test('no driver report of the disruption: neither other losses nor latencies', async () => {
    const { verdict, because, voided } = await analyseRecords(dropTypes('driver'))
    expect([verdict, voided]).toEqual(['unknown', ['none-lost', 'how-many', 'how-late']])
    expect(because).toEqual(['for 7 s of the disruption a driver did not report how it kept up'])
  })

  test('a lag of less than a tenth of the latency is no overload', async () => {
    const { voided } = await analyseRecords(buildRolloutLog(sentLate(9.9 * ms, ({ seq }) => seq % 50 === 0)))
    expect(voided).toEqual([])
  })

  test('a loss in the disruption stands, however late the driver was', async () => {
    const losing = refusedBetween(4.05 * second, 4.2 * second)
    const records = buildRolloutLog((request) => losing(sentLate(300 * ms, ({ dueUs }) => dueUs > 6 * second)(request)))
    const { verdict, sentence, because, hypothesis } = await analyseRecords(
      records,
      false,
      buildPlan({}, { expects: 'loses' }),
    )
    expect([verdict, hypothesis?.held]).toEqual(['failed', true])
    expect(because[0]).toBe('at least 15 of 1,000 requests were lost')
    expect(because[1]).toMatch(
      /^not concluded: that no other was lost and how many were lost, as no request was sent for 310 ms/,
    )
    expect(sentence).toMatch(/^At least 15 of 1,000 requests lost \(6\.3 %/)
  })

  test('a gap, or a lag, outside of the measured time is none', async () => {
    const early: LogRecord = { ...gap, t: 900 * ms, from: 800 * ms }
    const late: LogRecord = { ...busy, t: 12 * second }
    expect((await analyseRecords([...buildRolloutLog(), early, late])).verdict).toBe('passed')
  })

  test('a scale-down needs the difference to leave', async () => {
    const planScaleTo = (n: number) => planOf({ kind: 'scale', to: n })
    const { verdict, sentence } = await analyseRecords(createScaleDownLog(), false, planScaleTo(1))
    expect(verdict).toBe('passed')
    expect(sentence).toContain('in 1 scale-down')
    expect((await analyseRecords(buildRolloutLog(), false, planScaleTo(1))).because).toEqual([
      '2 pods were ready after the disruption, of 1 that the plan asks for',
    ])
    expect((await analyseRecords(createScaleDownLog(), false, planScaleTo(0))).because[0]).toBe(
      'nothing was disrupted: 1 of 2 pods to be removed left',
    )
    expect((await analyseRecords(buildRolloutLog(), false, planScaleTo(2))).because[0]).toMatch(
      /^nothing was disrupted/,
    )
    expect((await analyseRecords(buildRolloutLog(), false, planScaleTo(4))).because[0]).toMatch(
      /^2 pods were ready after the disruption/,
    )
    expect((await analyseRecords(buildRolloutLog(), false, planScaleTo(5))).because[0]).toMatch(
      '2 of 3 new pods became ready',
    )
  })

  test('eviction: needs an accepting answer, and every such pod to leave', async () => {
    const refused = [...buildRolloutLog(), createEviction('old-a', 429)]
    expect((await analyseRecords(refused, false, evict)).because[0]).toBe(
      'nothing was disrupted: no eviction was accepted',
    )
    const accepted = [...refused, createEviction('old-a', 201), createEviction('old-b', 201)]
    expect((await analyseRecords(accepted, false, evict)).verdict).toBe('passed')
    const stayed = accepted.filter((r) => r.type !== 'pod' || r.change !== 'deleted' || r.pod.name === 'old-a')
    expect((await analyseRecords(stayed, false, evict)).because[0]).toMatch(/^old-b did not leave/)
  })
})

test('log cut off: what was planned and never settled is in flight', async () => {
  const cut = [...frameRecords.filter(({ type }) => type !== 'end'), ...buildRequests().slice(0, 480), busy]
  const { ledger, verdict } = await analyseRecords(cut, true)
  expect(ledger).toMatchObject({ planned: 500, sent: 500, ok: 480, lost: 20, balanced: true })
  expect(ledger.outcomes['in-flight']).toBe(20)
  expect(verdict).toBe('unknown')
})

describe('of several drivers', () => {
  const three = { ...buildPlan(), drivers: 3 }
  const shareAmongDrivers = (request: RequestRecord): RequestRecord => ({ ...request, driver: request.seq % 3 })
  const createEnd = (driver: number, planned: number, lost: string | null = null): LogRecord => ({
    type: 'end',
    t: 11.15 * second,
    driver,
    planned,
    lost,
  })
  const clocks = [1, 2].map((driver): LogRecord => ({ type: 'clock', t: 910 * ms, driver, offsetUs: 9, errorUs: 90 }))
  const reports = frameRecords.flatMap((record) =>
    record.type === 'driver' ? [1, 2].map((driver): LogRecord => ({ ...record, driver })) : [],
  )
  const whole = [
    ...frameRecords.filter(({ type }) => type !== 'end'),
    ...clocks,
    ...reports,
    ...buildRequests(shareAmongDrivers),
  ]
  const ends = [createEnd(0, 334), createEnd(1, 333), createEnd(2, 333)]
  const isOfDriver = (record: LogRecord, driver: number): boolean =>
    record.type === 'request' && record.request.driver === driver

  test('the ledger, the figures and the verdict are those of the whole', async () => {
    const { ledger, latency, verdict } = await analyseRecords([...whole, ...ends], false, three)
    expect(ledger).toMatchObject({ planned: 1_000, sent: 1_000, ok: 1_000, balanced: true })
    expect(latency.count).toBe(1_000)
    expect(verdict).toBe('passed')
  })

  test('without the end of each there is no verdict', async () => {
    const { because } = await analyseRecords([...whole, ...ends.slice(1)], false, three)
    expect(because).toEqual(['the log ends before the run did'])
  })

  test('what one of them lacks is missed even where another has as many too many', async () => {
    const moved = whole.map((record) =>
      isOfDriver(record, 1) && record.type === 'request' && record.request.seq === 400
        ? { ...record, request: { ...record.request, driver: 2 } }
        : record,
    )
    const { ledger, because } = await analyseRecords([...moved, ...ends], false, three)
    expect(ledger.balanced).toBe(false)
    expect(because[0]).toBe('the ledger does not balance: a request was never planned')
  })

  test('lost driver: the rest of its share is neither sent nor lost', async () => {
    const why = 'load driver 1 of 3 was lost: its pod was deleted'
    const until = whole.filter(
      (record) => !isOfDriver(record, 1) || (record.type === 'request' && record.request.seq < 400),
    )
    const lost = [
      ...until,
      createEnd(0, 334),
      createEnd(1, 333, why),
      createEnd(2, 333),
      stepAt(5 * second, 'failed', why),
    ]
    const { ledger, verdict, because } = await analyseRecords(lost, false, three)
    expect(verdict).toBe('unknown')
    expect(because).toEqual([why])
    expect(ledger).toMatchObject({ planned: 1_000, sent: 800, ok: 800, lost: 0, balanced: true })
    expect(ledger.notSent).toEqual({ overload: 0, stopped: 0, 'driver-lost': 200 })
  })
})

test('same records, same bytes, in any order of requests and kinds', async () => {
  const records = buildRolloutLog(refusedBetween(4.05 * second, 4.2 * second))
  const bytes = JSON.stringify(await analyseRecords(records))
  expect(JSON.stringify(await analyseRecords(records))).toBe(bytes)
  expect(JSON.stringify(await analyseRecords(records.toReversed()))).toBe(bytes)
  const requestsFirst = records.toSorted((a, b) => Number(b.type === 'request') - Number(a.type === 'request'))
  expect(JSON.stringify(await analyseRecords(requestsFirst))).toBe(bytes)
})

test('an analysis survives JSON', async () => {
  const analysis = await analyseRecords([...buildRolloutLog(), endpointsAt(0, [])])
  expect(JSON.parse(JSON.stringify(analysis))).toEqual(analysis)
})

const us = fc.integer({ min: 0, max: 12 * second })
const nullableUs = fc.option(us, { nil: null })
const pod = fc.option(fc.constantFrom('old-a', 'old-b', 'new-a', 'stranger'), { nil: null })
const anyRequest: fc.Arbitrary<LogRecord> = fc
  .record({
    seq: fc.nat(40),
    driver: fc.nat(1),
    lane: fc.constantFrom(...lanes),
    outcome: fc.constantFrom(...outcomes, ...notSentReasons),
    dueUs: us,
    sentUs: nullableUs,
    connectedUs: nullableUs,
    firstByteUs: nullableUs,
    settledUs: us,
    use: fc.nat(3),
    pod,
    previousPod: pod,
  })
  .map((fields) => ({ type: 'request', request: { ...buildRequest(), ...fields } }))
const anyEnd: fc.Arbitrary<LogRecord> = fc.record({
  type: fc.constant('end' as const),
  t: us,
  driver: fc.nat(2),
  planned: fc.nat(45),
  lost: fc.option(fc.constant('lost'), { nil: null }),
})
const anyRecords = fc
  .tuple(fc.subarray([...frameRecords]), fc.array(anyRequest, { maxLength: 40 }), fc.array(anyEnd, { maxLength: 3 }))
  .map((parts) => parts.flat())

test('any records: the ledger balances, or says so and the verdict is unknown', async () => {
  await fc.assert(
    fc.asyncProperty(anyRecords, fc.boolean(), async (records, torn) => {
      const { ledger, control, verdict, because, losses, lanes: results } = await analyseRecords(records, torn)
      const ended = Object.values(ledger.outcomes).reduce((sum, each) => sum + each, 0)
      expect(ledger.sent).toBe(ended)
      expect(ledger.lost).toBe(ended - ledger.outcomes.ok)
      expect(because.length).toBeGreaterThan(0)
      if (ledger.balanced) {
        const notSent = Object.values(ledger.notSent).reduce((sum, each) => sum + each, 0)
        expect(ledger.planned).toBe(ledger.sent + notSent)
      } else expect(verdict).toBe('unknown')
      if (verdict !== 'unknown') expect(losses).toHaveLength(ledger.lost)
      const countSent = (isControl: boolean): number =>
        results.reduce((sum, { lane, sent }) => sum + ((lane === 'control') === isControl ? sent : 0), 0)
      expect(countSent(false)).toBeLessThanOrEqual(ledger.sent)
      expect(countSent(true)).toBe(control?.sent ?? 0)
    }),
    { numRuns: 300 },
  )
})
