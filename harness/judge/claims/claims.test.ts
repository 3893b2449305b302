/** For each claim the damage that it must detect: a clean log with one change. */
import { describe, expect, test } from 'vitest'
import type { Lane, RunPlan, Scenario } from '../../model/plan.ts'
import { disruptOnce } from '../../model/steps/order.ts'
import type { ScenarioStep } from '../../model/steps/steps.ts'
import type { ClaimResult } from '../../model/claims.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import { computeLaneRates, buildSchedule } from '../../model/load/schedule.ts'
import {
  containerAt,
  endpointsAt,
  logReadAt,
  podAt,
  buildRefused,
  buildRequest,
  servedAt,
  stepAt,
} from '../../testing/samples/records.ts'
import { frameRecords, buildLog, ms, buildPlan, second, times } from '../../testing/samples/rollout-log.ts'
import { analyseRun } from '../verdict/analyse-run.ts'
import { claims } from './claims.ts'

type Change = (request: RequestRecord) => RequestRecord

/** A rollout with a control lane and servers' logs, so that every claim has something to compare. */
const load = { ...buildPlan().scenario.load, controlPerSecond: 5 }
const plan = buildPlan({ load })
const planned = 1_050
const { dueUs, lane } = buildSchedule({ seed: plan.seed, driver: 0, drivers: 1, ...computeLaneRates(load, true) })

/** The pod that answers a request due at an instant, in turn, as in testing/samples/rollout-log.ts. */
function choosePod(atUs: number, seq: number): string {
  const pods = atUs < 4 * second ? ['old-a', 'old-b'] : atUs < 6 * second ? ['new-a', 'old-b'] : ['new-a', 'new-b']
  return pods[seq % 2]!
}

const requests: readonly RequestRecord[] = Array.from({ length: planned }, (_, seq) => {
  const own = { seq, dueUs: times.begin + dueUs(seq), lane: lane(seq) }
  return buildRequest({ ...own, pod: own.lane === 'control' ? 'control' : choosePod(own.dueUs, seq) })
})

const others: readonly LogRecord[] = [
  ...frameRecords.map((record) => (record.type === 'end' ? { ...record, planned } : record)),
  containerAt(400 * ms, { pod: 'control', container: 'app' }, 'started'),
  ...['old-a', 'old-b', 'new-a', 'new-b'].map((pod) => logReadAt(times.end + 155 * ms, pod, 'nginx')),
]

const served: readonly LogRecord[] = requests.flatMap(({ seq, pod, settledUs }) =>
  pod === null || pod === 'control' ? [] : [servedAt(settledUs - 300, { pod, container: 'nginx' }, { seq })],
)

const createRequests = (change: Change = (request) => request): LogRecord[] =>
  requests.map((request) => ({ type: 'request', request: change(request) }))
const clean: readonly LogRecord[] = [...others, ...served, ...createRequests()]

/** The log with other requests; the servers' lines stay the same. */
const changeRequests = (change: Change): LogRecord[] => [...others, ...served, ...createRequests(change)]
const dropRecords = (drop: (record: LogRecord) => boolean): LogRecord[] => clean.filter((record) => !drop(record))
const changeRecords = (change: (record: LogRecord) => LogRecord): LogRecord[] => clean.map(change)
const isStep = (record: LogRecord, step: string): boolean => record.type === 'step' && record.step === step
const loseRequests = (from: number, to: number, fields: Partial<RequestRecord> = {}): Change => {
  return (request) =>
    request.lane === 'fresh' && request.dueUs >= from && request.dueUs < to
      ? buildRefused({ seq: request.seq, dueUs: request.dueUs, ...fields })
      : request
}
/** A sender that stops and then sends all due requests as soon as it can. */
const pauseSending = (from: number, to: number): Change => {
  return (request) =>
    request.dueUs >= from && request.dueUs < to ? buildRequest({ ...keepIdentity(request), sentUs: to }) : request
}
const keepIdentity = ({ seq, dueUs: due, lane: own, pod }: RequestRecord): Partial<RequestRecord> => ({
  seq,
  dueUs: due,
  lane: own,
  pod,
})
const slowDown = (us: number, slow: Lane): Change => {
  return (request) =>
    request.lane === slow
      ? { ...request, firstByteUs: request.firstByteUs! + us, settledUs: request.settledUs + us }
      : request
}
const setIdleShare = (idleShare: number, records: readonly LogRecord[]): LogRecord[] =>
  records.map((record) => (record.type === 'driver' ? { ...record, health: { ...record.health, idleShare } } : record))

interface Input {
  records: readonly LogRecord[]
  plan?: RunPlan
  digest?: string
  torn?: boolean
}
const restartAfter = (beforeMs: number, afterMs: number): ScenarioStep[] =>
  disruptOnce({ kind: 'rollout-restart' }, { beforeMs, afterMs })
const changeScenario = (change: Partial<Scenario>): RunPlan => ({ ...plan, scenario: { ...plan.scenario, ...change } })

async function checkInput({ records, plan: asked = plan, digest, torn = false }: Input): Promise<ClaimResult[]> {
  return (await analyseRun(asked, buildLog(records, torn), digest ?? null)).claims
}

test('of a clean log every claim holds, with its figures within their limits', async () => {
  const results = await checkInput({ records: clean })
  expect(results.filter(({ holds }) => !holds)).toEqual([])
  const figures = results.flatMap(({ name, figures: own }) => own.map((figure) => ({ claim: name, ...figure })))
  expect(figures.filter(({ value, limit }) => value !== null && limit !== null && value > limit)).toEqual([])
})

test('every claim has a red case here', () => {
  expect(Object.keys(red).sort()).toEqual(claims.map(({ name }) => name).sort())
})

const red: Record<string, [when: string, input: () => Input, problem: RegExp][]> = {
  'log-whole': [
    [
      'the run was killed while it cleaned up',
      () => ({ records: dropRecords((r) => isStep(r, 'end')) }),
      /before the run had cleaned up/,
    ],
    ['the log is torn', () => ({ records: clean, torn: true }), /torn/],
    ['there is no beginning', () => ({ records: dropRecords(({ type }) => type === 'begin') }), /0 beginnings/],
    ['there are two beginnings', () => ({ records: [...clean, clean[0]!] }), /2 beginnings/],
    [
      'it is another run’s',
      () => ({ records: clean, plan: { ...plan, runId: 'other' } }),
      /of another run than the plan/,
    ],
    [
      'another plan lies beside it',
      () => ({ records: beginWith('abc'), digest: 'abd' }),
      /not the plan that was carried out/,
    ],
    [
      'it lacks what was deployed',
      () => ({ records: [...beginWith('abc'), { type: 'deployed', t: 2, planDigest: 'abd' }], digest: 'abc' }),
      /not the plan that was carried out/,
    ],
    ['no plan is named', () => ({ records: clean, digest: 'abd' }), /does not say which plan/],
    [
      'a step is missing',
      () => ({ records: dropRecords((r) => isStep(r, 'deploy-ready')) }),
      /lacks the step deploy-ready/,
    ],
    [
      'a step is there twice',
      () => ({ records: [...clean, stepAt(times.end, 'load-stop')] }),
      /load-stop more than once/,
    ],
    [
      'steps are in another order',
      () => ({
        records: changeRecords((r) => (isStep(r, 'disrupt-end') ? { ...r, t: times.gone + 1 } : r) as LogRecord),
      }),
      /old-pods-gone comes before disrupt-end/,
    ],
    [
      'a driver’s end is there twice, and another’s is not',
      () => ({ records: [...clean, clean.find(({ type }) => type === 'end')!], plan: { ...plan, drivers: 2 } }),
      /drivers' ends do not fit/,
    ],
    ['the run was interrupted', () => ({ records: [...clean, stepAt(9 * second, 'interrupted')] }), /interrupted/],
  ],
  'ledger-balanced': [
    [
      'a request is missing',
      () => ({ records: dropRecords((r) => r.type === 'request' && r.request.seq === 77) }),
      /does not balance/,
    ],
    ['a request ended twice', () => ({ records: [...clean, createRequests()[77]!] }), /ended more than once/],
    [
      'a request settled before it was sent',
      () => ({ records: changeRequests((r) => (r.seq === 77 ? { ...r, settledUs: r.dueUs } : r)) }),
      /of 1 request contradicts itself/,
    ],
  ],
  'disruption-happened': [
    [
      'no old pod left',
      () => ({ records: dropRecords((r) => r.type === 'pod' && r.change === 'deleted') }),
      /no old pod left/,
    ],
  ],
  'control-clean': [
    [
      'one was lost there',
      () => ({
        records: changeRequests((r) =>
          r.lane === 'control' && r.dueUs > 5 * second && r.dueUs < 5.2 * second
            ? buildRefused({ ...keepIdentity(r), pod: null })
            : r,
        ),
      }),
      /control lane is dirty: 1 of/,
    ],
    [
      'it is empty',
      () => ({ records: dropRecords((r) => r.type === 'request' && r.request.lane === 'control') }),
      /control lane is empty/,
    ],
  ],
  'control-own-pod': [
    [
      'the workload answered it',
      () => ({ records: changeRequests((r) => (r.lane === 'control' ? { ...r, pod: 'new-a' } : r)) }),
      /new-a, which the workload’s requests go to/,
    ],
    [
      'two pods answered it',
      () => ({
        records: changeRequests((r) => (r.lane === 'control' && r.dueUs > 5 * second ? { ...r, pod: 'other' } : r)),
      }),
      /answered by control and other/,
    ],
    [
      'no pod is named',
      () => ({ records: changeRequests((r) => (r.lane === 'control' ? { ...r, pod: null } : r)) }),
      /do not all say which pod/,
    ],
    [
      'its container was ended',
      () => ({ records: [...clean, containerAt(5 * second, { pod: 'control', container: 'app' }, 'exited', '137')] }),
      /was ended while the load went on/,
    ],
    [
      'it was no endpoint for a while',
      () => ({ records: [...clean, createEndpoints(900 * ms, ['control']), createEndpoints(5 * second, [])] }),
      /was no endpoint for a while/,
    ],
  ],
  'quiet-before': [
    [
      'requests had been lost before',
      () => ({ records: changeRequests(loseRequests(2 * second, 2.05 * second)) }),
      /lost before anything was disrupted/,
    ],
  ],
  'losses-caused': [
    [
      'another server answered',
      () => ({ records: changeRequests(loseRequests(4.1 * second, 4.2 * second, { outcome: 'wrong-target' })) }),
      /wrong target.*none of them by the disruption/,
    ],
    [
      'names were not found',
      () => ({ records: changeRequests(loseRequests(4.1 * second, 4.2 * second, { outcome: 'dns' })) }),
      /dns/,
    ],
    [
      'requests were refused with 404',
      () => ({
        records: changeRequests(loseRequests(4.1 * second, 4.2 * second, { outcome: 'http-4xx', status: 404 })),
      }),
      /http 4xx/,
    ],
    [
      'they were lost long after the last old pod had gone',
      () => ({ records: changeRequests(loseRequests(10.5 * second, 10.6 * second)) }),
      /from 2\.5\d? s after the last old pod was gone on/,
    ],
  ],
  'requests-sent': [
    [
      'the driver was too late for some',
      () => ({
        records: changeRequests((r) =>
          r.seq === 77
            ? {
                ...r,
                outcome: 'overload',
                sentUs: null,
                connectedUs: null,
                firstByteUs: null,
                settledUs: r.dueUs + 1.2 * second,
              }
            : r,
        ),
      }),
      /^driver overloaded: 1 of 1,000/,
    ],
    [
      'the server had taken every connection, and not the driver’s word',
      () => ({
        records: changeRequests((r) =>
          r.seq === 77
            ? { ...r, outcome: 'overload', sentUs: null, connectedUs: null, firstByteUs: null, settledUs: r.dueUs }
            : r,
        ),
      }),
      /no free connection, with up to 10 requests waiting/,
    ],
    [
      'the driver stopped early',
      () => ({
        records: changeRequests((r) =>
          r.dueUs > 8.5 * second && r.dueUs < 9 * second
            ? { ...r, outcome: 'stopped', sentUs: null, connectedUs: null, firstByteUs: null, settledUs: r.dueUs }
            : r,
        ),
      }),
      /stopped before it was told to/,
    ],
  ],
  'plan-carried-out': [
    [
      'a tenth of the rate was planned',
      () => ({ records: clean, plan: changeScenario({ load: { ...load, ratePerSecond: 1_000 } }) }),
      /of about 2,000 requests of the lane fresh/,
    ],
    [
      'requests are of another lane',
      () => ({
        records: changeRequests((r) => (r.seq % 9 === 0 && r.lane === 'fresh' ? { ...r, lane: 'reused' } : r)),
      }),
      /in another lane/,
    ],
    [
      'requests were due at another instant',
      () => ({
        records: changeRequests((r) =>
          r.seq === 77 ? buildRequest({ ...keepIdentity(r), dueUs: r.dueUs + 200 * ms }) : r,
        ),
      }),
      /1 request due at another instant than planned, by up to 200 ms/,
    ],
    [
      'the load before was cut short',
      () => ({ records: clean, plan: changeScenario({ steps: restartAfter(5_000, 3_000) }) }),
      /before the disruption lasted 2 s of 5 s/,
    ],
    [
      'the load after was cut short',
      () => ({ records: clean, plan: changeScenario({ steps: restartAfter(2_000, 9_000) }) }),
      /after the disruption lasted 3 s of 9 s/,
    ],
    ['the seed is another', () => ({ records: clean, plan: { ...plan, seed: 99 } }), /in another lane/],
  ],
  'disruption-covered': [
    [
      'the sender stood still at a pod’s end',
      () => ({ records: changeRequests(pauseSending(4.02 * second, 4.92 * second)) }),
      /no request was sent for 90\d ms around the end of old-a/,
    ],
    [
      'it stood still between two pods’ ends',
      () => ({ records: changeRequests(pauseSending(4.9 * second, 5.3 * second)) }),
      /during the disruption|around the end/,
    ],
  ],
  'pods-met': [
    [
      'an old pod never answered before it left',
      () => ({ records: changeRequests((r) => (r.pod === 'old-a' ? { ...r, pod: 'old-b' } : r)) }),
      /old-a answered no request before/,
    ],
    [
      'a new pod never answered',
      () => ({ records: changeRequests((r) => (r.pod === 'new-b' ? { ...r, pod: 'new-a' } : r)) }),
      /new-b answered no request after/,
    ],
    [
      'a stranger answered',
      () => ({ records: changeRequests((r) => (r.seq === 77 ? { ...r, pod: 'stranger' } : r)) }),
      /stranger answered, which no watch has seen/,
    ],
    [
      'fewer pods were ready than asked for',
      () => ({ records: clean, plan: changeScenario({ replicas: 3 }) }),
      /2 pods were ready before the disruption, of 3/,
    ],
    [
      'a new pod was never ready',
      () => ({ records: dropRecords((r) => r.type === 'pod' && r.pod.name === 'new-b' && r.change === 'modified') }),
      /1 pod was ready after the disruption, of 2/,
    ],
  ],
  'machine-responsive': [
    [
      'the control lane took a second',
      () => ({ records: changeRequests(slowDown(900 * ms, 'control')) }),
      /machine was busy/,
    ],
    [
      'the machine was full, and the workload slow before anything was disrupted',
      () => ({ records: setIdleShare(0.01, changeRequests(slowDown(900 * ms, 'fresh'))) }),
      /machine was busy: its cores were idle for 1 % of the time, and 1 % of the requests before the disruption took 1 s/,
    ],
  ],
  'servers-agree': [
    [
      'no server saw a request',
      () => ({ records: dropRecords((r) => r.type === 'served' && r.lines[0]?.seq === 500) }),
      /1 request was answered well, and no server saw it/,
    ],
    ['a server saw one twice', () => ({ records: [...clean, served[300]!] }), /saw 1 request more than once/],
    [
      'another pod’s server saw it',
      () => ({ records: changeRecords((r) => (r === served[300] ? ({ ...r, pod: 'new-b' } as LogRecord) : r)) }),
      /answered by one pod, and is in the log of another/,
    ],
    [
      'a server saw one that was never sent',
      () => ({ records: [...clean, servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 5_000 })] }),
      /that no client sent/,
    ],
    [
      'a log has lines that the event log lacks',
      () => ({
        records: changeRecords((r) => (r.type === 'log-read' && r.pod === 'new-a' ? { ...r, requests: 9_999 } : r)),
      }),
      /missing or too many/,
    ],
    [
      'all lines are gone',
      () => ({
        records: dropRecords(({ type }) => type === 'served').map((r) =>
          r.type === 'log-read' ? { ...r, requests: 9 } : r,
        ),
      }),
      /36 lines/,
    ],
    [
      'one pod’s log is gone as a whole',
      () => ({ records: dropRecords((r) => (r.type === 'served' || r.type === 'log-read') && r.pod === 'old-a') }),
      /log of old-a was never read/,
    ],
  ],
  'watches-whole': [
    [
      'a watch was cut',
      () => ({ records: [...clean, { type: 'gap', t: 5 * second, from: 4 * second, what: 'pods', why: 'cut' }] }),
      /nothing was seen of pods for 1 s/,
    ],
  ],
  'clocks-trusted': [
    ['a clock was never compared', () => ({ records: dropRecords(({ type }) => type === 'clock') }), /never compared/],
    [
      'a clock is hardly known',
      () => ({ records: changeRecords((r) => (r.type === 'clock' ? { ...r, errorUs: 400 * ms } : r)) }),
      /known to ±400 ms/,
    ],
    [
      'a clock was set',
      () => ({ records: [...clean, { type: 'clock', t: 5 * second, driver: 0, offsetUs: 50 * ms, errorUs: 120 }] }),
      /was set while the load went on/,
    ],
    [
      'servers answered at another time',
      () => ({
        records: [
          ...others,
          ...createRequests(),
          ...served.map(
            (r) =>
              ({
                ...r,
                lines: r.type === 'served' ? r.lines.map((line) => ({ ...line, atUs: line.atUs - second })) : [],
              }) as LogRecord,
          ),
        ],
      }),
      /answered 1 s earlier than by the drivers’ clocks/,
    ],
  ],
  'kernel-agrees': [
    [
      'it led a connection elsewhere',
      () => ({
        records: [
          ...placePods(changeRequests((r) => (r.seq === 77 ? { ...r, localPort: 50_001 } : r))),
          ...tellConnection(requests[77]!, { port: 50_001, pod: 'new-b' }),
        ],
      }),
      /1 request was answered by another pod than the kernel had led its connection to/,
    ],
  ],
  'driver-kept-up': [
    [
      'it was late by more than a tenth of the latency',
      () => ({
        records: changeRequests((r) =>
          r.seq % 20 === 0 ? buildRequest({ ...keepIdentity(r), sentUs: r.dueUs + 30 * ms }) : r,
        ),
      }),
      /sent 30 ms or more/,
    ],
    [
      'it was late for lack of a right',
      () => ({
        records: changeRequests((r) =>
          r.seq % 20 === 0 ? buildRequest({ ...keepIdentity(r), sentUs: r.dueUs + 30 * ms }) : r,
        ),
        plan: { ...plan, environment: { ...plan.environment, driverBefore: 'workload' } },
      }),
      /sent 30 ms or more .*; as root it would go before other programs/,
    ],
    ['it does not report', () => ({ records: dropRecords(({ type }) => type === 'driver') }), /did not report/],
  ],
}

function beginWith(planDigest: string): LogRecord[] {
  return changeRecords((record) => (record.type === 'begin' ? { ...record, planDigest } : record))
}

/** Each pod with its own address. */
function placePods(records: readonly LogRecord[]): LogRecord[] {
  return records.map((r) => (r.type === 'pod' ? { ...r, pod: { ...r.pod, ip: `ip-${r.pod.name}` } } : r))
}

/** The kernel's report of one request's connection. */
function tellConnection({ sentUs }: RequestRecord, { port, pod }: { port: number; pod: string }): LogRecord[] {
  const t = sentUs!
  return [
    { type: 'tracking', t: ms, node: 'node-1', state: 'on', from: ms, why: null },
    { type: 'translation', t, driver: 0, errorUs: 1, to: [`ip-${pod}:80`], ports: [port], times: [0], places: [0] },
  ]
}

function createEndpoints(t: number, pods: string[]): LogRecord {
  return { ...(endpointsAt(t, pods, 'control-1') as Extract<LogRecord, { type: 'endpoints' }>), service: 'control' }
}

describe.each(Object.entries(red))('%s does not hold', (name, cases) => {
  test.each(cases)('when %s', async (_, input, problem) => {
    const findResult = (await checkInput(input())).find((one) => one.name === name)!
    expect(findResult.holds).toBe(false)
    expect(findResult.problems.join('; ')).toMatch(problem)
  })
})

test('busy machine: neither full and quick nor idle and slow counts as one', async () => {
  const full = await checkInput({ records: setIdleShare(0.01, clean) })
  const slow = await checkInput({ records: setIdleShare(0.4, changeRequests(slowDown(900 * ms, 'fresh'))) })
  for (const results of [full, slow])
    expect(results.find(({ name }) => name === 'machine-responsive')).toMatchObject({ holds: true })
})

test('a pod that was there before and is seen again is no new one', async () => {
  const again = podAt(7 * second, 'modified', 'new-a')
  expect((await checkInput({ records: [...clean, again] })).filter(({ holds }) => !holds)).toEqual([])
})
