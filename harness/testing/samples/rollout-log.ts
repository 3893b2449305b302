/** The log of a rollout of two pods in a quiet run, which each test changes where necessary. */
import type { Configuration, RunPlan, Scenario } from '../../model/plan.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import { disruptOnce } from '../../model/steps/order.ts'
import { buildSampleWorkload } from '../../model/workload.ts'
import { containerAt, endpointsAt, podAt, programmedAt, buildRequest, stepAt } from './records.ts'

export const ms = 1_000
export const second = 1_000_000

/** The log of a run in the judge's form: records in any order, and whether the end was torn off. */
export function buildLog(records: readonly LogRecord[], torn = false): LogRecord[] & { torn: boolean } {
  return Object.assign([...records], { torn })
}

export function buildPlan(scenario: Partial<Scenario> = {}, configuration: Partial<Configuration> = {}): RunPlan {
  const name = configuration.name ?? 'graceful'
  return {
    schema: 1,
    runId: `rollout-${name}-1`,
    scenario: {
      name: 'rollout',
      summary: '',
      replicas: 2,
      load: {
        ratePerSecond: 100,
        shares: { fresh: 1, reused: 0, 'reused-post': 0 },
        workMs: 100,
        thinkMs: 500,
        timeoutMs: 5_000,
      },
      steps: disruptOnce({ kind: 'rollout-restart' }, { beforeMs: 2_000, afterMs: 3_000 }),
      limitMs: 60_000,
      ...scenario,
    },
    configuration: { name, expects: 'loses-none', hypothesis: '', ...configuration },
    workload: buildSampleWorkload({ workMs: 100 }),
    cluster: 'local',
    drivers: 1,
    via: { kind: 'service' },
    round: 1,
    seed: 1,
    environment: { nodrop: '0', node: '24', kernel: '6', cpus: 2, cpuModel: '', kubernetes: '1.34' },
  }
}

/** Begins at 1 s, disrupts at 3 s, `old-a` leaves from 4 s and `old-b` from 6 s on, the old pods are gone at 8 s, ends at 11 s. */
export const times: Record<'begin' | 'disrupt' | 'gone' | 'end', number> = {
  begin: second,
  disrupt: 3 * second,
  gone: 8 * second,
  end: 11 * second,
}

/** One request every 10 ms from 1 s to 11 s, answered by the existing pods; `change` gets each of them. */
export function buildRequests(change: (request: RequestRecord) => RequestRecord = (request) => request): LogRecord[] {
  return Array.from({ length: 1_000 }, (_, seq): LogRecord => {
    const dueUs = times.begin + seq * 10 * ms
    const pods = dueUs < 4 * second ? ['old-a', 'old-b'] : dueUs < 6 * second ? ['new-a', 'old-b'] : ['new-a', 'new-b']
    return { type: 'request', request: change(buildRequest({ seq, dueUs, pod: pods[seq % 2] ?? null })) }
  })
}

/** The life of an old pod that is deleted at `atUs`: its endpoint and rules follow, then the signal, 300 ms later the exit. */
function podLeavingAt(pod: string, atUs: number): LogRecord[] {
  return [
    podAt(atUs, 'modified', pod, { terminating: true }),
    containerAt(atUs + 20 * ms, { pod, container: 'nginx' }, 'signal', 'SIGTERM'),
    containerAt(atUs + 320 * ms, { pod, container: 'nginx' }, 'exited', '0'),
    podAt(atUs + 400 * ms, 'deleted', pod, { terminating: true }),
  ]
}

/** The report of a driver that keeps up. */
function healthAt(t: number): LogRecord {
  const health = { planned: 300, settled: 290, inFlight: 10, loopDelayMaxUs: 900, cpuShare: 0.08 }
  return { type: 'driver', t, driver: 0, health }
}

/** Everything but the requests. */
export const frameRecords: readonly LogRecord[] = [
  {
    type: 'begin',
    t: 0,
    schema: 1,
    runId: 'rollout-graceful-1',
    planDigest: null,
    wallClock: '2026-01-01T00:00:00.000Z',
  },
  stepAt(1, 'deploy-begin'),
  podAt(10 * ms, 'added', 'old-a', { ready: false }),
  podAt(11 * ms, 'added', 'old-b', { ready: false }),
  podAt(500 * ms, 'modified', 'old-a'),
  podAt(501 * ms, 'modified', 'old-b'),
  endpointsAt(510 * ms, ['old-a', 'old-b']),
  programmedAt(530 * ms, ['old-a', 'old-b']),
  stepAt(600 * ms, 'deploy-ready'),
  { type: 'clock', t: 900 * ms, driver: 0, offsetUs: 40, errorUs: 120 },
  stepAt(times.begin, 'load-begin'),
  ...[2, 5, 8, 11].map((at) => healthAt(at * second)),
  stepAt(times.disrupt, 'disrupt-begin'),
  stepAt(times.disrupt + 5 * ms, 'disrupt-end'),
  podAt(3.1 * second, 'added', 'new-a', { ready: false }),
  podAt(3.9 * second, 'modified', 'new-a'),
  endpointsAt(3.92 * second, ['old-a', 'old-b', 'new-a']),
  programmedAt(3.95 * second, ['old-a', 'old-b', 'new-a']),
  ...podLeavingAt('old-a', 4 * second),
  endpointsAt(4.01 * second, ['old-b', 'new-a']),
  programmedAt(4.25 * second, ['old-b', 'new-a']),
  podAt(4.1 * second, 'added', 'new-b', { ready: false }),
  podAt(5.9 * second, 'modified', 'new-b'),
  endpointsAt(5.92 * second, ['old-b', 'new-a', 'new-b']),
  programmedAt(5.95 * second, ['old-b', 'new-a', 'new-b']),
  ...podLeavingAt('old-b', 6 * second),
  endpointsAt(6.01 * second, ['new-a', 'new-b']),
  programmedAt(6.25 * second, ['new-a', 'new-b']),
  stepAt(times.gone, 'old-pods-gone'),
  stepAt(times.end, 'load-stop'),
  { type: 'end', t: times.end + 150 * ms, driver: 0, planned: 1_000, lost: null },
  stepAt(times.end + 151 * ms, 'load-end'),
  stepAt(times.end + 160 * ms, 'end'),
]

/** The whole log; `change` gets each request. */
export function buildRolloutLog(change?: (request: RequestRecord) => RequestRecord): LogRecord[] {
  return [...frameRecords, ...buildRequests(change)]
}
