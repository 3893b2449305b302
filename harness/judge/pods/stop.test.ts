/** By which signal, and through what fault, requests were lost. */
import { describe, expect, test } from 'vitest'
import type { ContainerMoment, LogRecord, MomentSource, RequestRecord } from '../../model/record.ts'
import type { Analysis, Loss } from '../../model/result.ts'
import { containerAt, podAt, refusedOf, requestOf } from '../../testing/samples/records.ts'
import { frame, logOf, ms, planOf, requestsOf, second } from '../../testing/samples/rollout-log.ts'
import { analyse } from '../verdict/analyse-run.ts'

const graceSeconds = 2
const deletionUs = 4 * second

/** The rollout in which `old-a` has 2 s from 4 s on, and its containers these moments. */
function stopped(...moments: LogRecord[]): LogRecord[] {
  const isOwn = (record: LogRecord): boolean =>
    (record.type === 'container' && record.pod === 'old-a') ||
    (record.type === 'pod' && record.pod.name === 'old-a' && record.pod.terminating)
  return [
    ...frame.filter((record) => !isOwn(record)),
    podAt(deletionUs, 'modified', 'old-a', { terminating: true, graceSeconds }),
    podAt(7 * second, 'deleted', 'old-a', { terminating: true, graceSeconds }),
    ...moments,
  ]
}
function told(atMs: number, moment: ContainerMoment, detail: string | null = null, container = 'nginx'): LogRecord {
  return containerAt(atMs * ms, { pod: 'old-a', container }, moment, detail)
}
/** In whole seconds, as a kubelet's Events and statuses have it. */
function claimed(atMs: number, moment: ContainerMoment, detail: string | null, source: MomentSource): LogRecord {
  const exact = told(atMs, moment, detail)
  return { ...exact, source, errorUs: 500 * ms } as LogRecord
}
/** A kept connection to `old-a` that is cut. */
const cut = (settledUs: number): Partial<RequestRecord> => ({
  dueUs: settledUs - 40 * ms,
  settledUs,
  lane: 'reused',
  use: 2,
  previousPod: 'old-a',
  outcome: 'closed-before-response',
})
async function lost(records: LogRecord[], ...requests: Partial<RequestRecord>[]): Promise<Analysis & { first: Loss }> {
  const more = requests.map((fields, index): LogRecord => {
    const request = fields.outcome === 'http-5xx' ? requestOf(fields) : refusedOf(fields)
    return { type: 'request', request: { ...request, seq: 1_000 + index } }
  })
  const others = records.map((record): LogRecord =>
    record.type === 'end' ? { ...record, planned: 1_000 + requests.length } : record,
  )
  const analysis = await analyse(planOf(), logOf([...others, ...requestsOf(), ...more]))
  return { ...analysis, first: analysis.losses[0]! }
}
const whenOf = ({ sentence }: Analysis): string => sentence.slice(sentence.indexOf('): ') + 3)

describe('a container that ignores its stop signal', () => {
  const term = told(4_020, 'signal', 'SIGTERM')

  test('loses its requests to KILL, where the kubelet tells of it', async () => {
    const kill = [told(6_001, 'signal', 'SIGKILL'), told(6_002, 'exited', '137')]
    const analysis = await lost(stopped(term, ...kill), cut(6_003 * ms))
    expect(analysis.first).toMatchObject({
      sinceSignalUs: 2 * ms,
      moment: { name: 'exited' },
      stop: {
        container: 'nginx',
        signal: 'SIGKILL',
        signalUs: 6_001 * ms,
        exitedUs: 6_002 * ms,
        faults: [{ kind: 'outlived-signal', signal: 'SIGTERM', graceSeconds }],
      },
    })
    expect(whenOf(analysis)).toBe(
      '1 closed before response, 2 ms after old-a was sent SIGKILL; nginx did not end on SIGTERM in 1 of 2 pods and was ' +
        'killed when its grace period of 2 s was used up',
    )
  })

  test('loses its requests to KILL, where only the exit code and the grace period tell of it', async () => {
    const claims = [claimed(4_500, 'stopping', null, 'event'), claimed(6_500, 'exited', '137', 'status')]
    const analysis = await lost(stopped(...claims), cut(6_103 * ms))
    expect(analysis.first).toMatchObject({
      sinceSignalUs: null,
      sinceDeletionUs: 2_103 * ms,
      stop: { signal: 'SIGKILL', signalUs: null, faults: [{ kind: 'outlived-signal', signal: null }] },
    })
    expect(whenOf(analysis)).toBe(
      '1 closed before response, 2.1 s after the deletion of old-a; nginx did not end on its stop signal in 1 of 2 pods ' +
        'and was killed when its grace period of 2 s was used up',
    )
  })

  test('has not been killed yet when a request is lost before', async () => {
    const kill = [told(6_001, 'signal', 'SIGKILL'), told(6_002, 'exited', '137')]
    const { first, sentence } = await lost(stopped(term, ...kill), cut(4_030 * ms))
    expect(sentence).not.toContain('did not end')
    expect(first).toMatchObject({ sinceSignalUs: 10 * ms, stop: { signal: 'SIGTERM', exitedUs: null, faults: [] } })
  })

  test('whose losses are of two signals tells how many of each', async () => {
    const kill = [told(6_001, 'signal', 'SIGKILL'), told(6_002, 'exited', '137')]
    const analysis = await lost(stopped(term, ...kill), cut(4_030 * ms), cut(6_003 * ms), cut(6_005 * ms))
    expect(whenOf(analysis)).toContain(
      '3 closed before response, 1 of them 10 ms after old-a was sent SIGTERM and 2 of them 2–4 ms after old-a was sent SIGKILL;',
    )
  })

  test('was not killed for its grace period by an exit code of 137 before that is over', async () => {
    const { pods, first } = await lost(
      stopped(term, claimed(4_500, 'exited', '137', 'status')).map((record) =>
        record.type === 'pod' && record.pod.terminating
          ? { ...record, pod: { ...record.pod, graceSeconds: 30 } }
          : record,
      ),
      cut(4_103 * ms),
    )
    expect(pods.flatMap(({ containers }) => containers.flatMap(({ faults }) => faults))).toEqual([])
    expect(first.stop).toMatchObject({ signal: 'SIGTERM' })
  })
})

describe('a preStop hook', () => {
  test('that failed is told with its exit code', async () => {
    const moments = [told(4_005, 'hook-began'), told(4_010, 'hook-failed', '127'), told(4_011, 'signal', 'SIGTERM')]
    const analysis = await lost(stopped(...moments, told(4_015, 'exited', '0')), cut(4_013 * ms))
    expect(analysis.first.stop?.faults).toEqual([{ kind: 'hook-failed', detail: '127', atUs: 4_010 * ms }])
    expect(whenOf(analysis)).toBe(
      '1 closed before response, 2 ms after old-a was sent SIGTERM; the preStop hook of nginx failed in 1 of 2 pods (exit code 127)',
    )
  })

  test('that ended with its container has not failed', async () => {
    const moments = [told(4_005, 'hook-began'), told(4_200, 'exited', '0'), told(4_201, 'hook-failed', '137')]
    const analysis = await lost(stopped(...moments), cut(4_203 * ms))
    expect(analysis.first.stop).toMatchObject({ signal: null, exitedUs: 4_200 * ms, faults: [] })
    expect(analysis.sentence).not.toContain('hook')
  })

  test('that outlasts the grace period leaves two seconds for the stop signal', async () => {
    const moments = [
      told(4_005, 'hook-began'),
      told(6_001, 'signal', 'SIGTERM'),
      told(6_990, 'signal', 'SIGKILL'),
      told(6_991, 'exited', '137'),
      told(6_992, 'hook-failed', '137'),
    ]
    const analysis = await lost(stopped(...moments), cut(6_992 * ms))
    expect(whenOf(analysis)).toBe(
      '1 closed before response, 2 ms after old-a was sent SIGKILL; the preStop hook of nginx outlasted the grace period of 2 s in 1 of 2 pods',
    )
  })
})

test('an error of a proxy is of a request that came before its server was signalled, after that, or after its exit', async () => {
  const records = stopped(
    told(4_020, 'signal', 'SIGQUIT', 'app'),
    told(4_050, 'exited', '0', 'app'),
    told(4_800, 'signal', 'SIGQUIT'),
    told(4_900, 'exited', '0'),
  )
  const failed = (sentMs: number, answeredMs: number): Partial<RequestRecord> => ({
    outcome: 'http-5xx',
    status: 502,
    pod: 'old-a',
    dueUs: sentMs * ms,
    sentUs: sentMs * ms,
    connectedUs: sentMs * ms,
    firstByteUs: answeredMs * ms,
    settledUs: answeredMs * ms,
  })
  const analysis = await lost(
    records,
    failed(3_990, 4_051),
    failed(4_030, 4_035),
    failed(4_100, 4_101),
    failed(4_790, 4_810),
  )
  expect(analysis.losses.map(({ stop }) => [stop?.container, stop?.signal, stop?.exitedUs])).toEqual(
    [4_050, null, 4_050, 4_050].map((exitMs) => ['app', 'SIGQUIT', exitMs && exitMs * ms]),
  )
  expect(whenOf(analysis)).toBe(
    '4 http 5xx, 15–790 ms after old-a was sent SIGQUIT; of the http 5xx 2 were sent after app had exited, 1 was under way when app ' +
      'got SIGQUIT and 1 was sent after app got SIGQUIT',
  )
})

test('a pod that is shown to be reached long after its signal was not closed by it', async () => {
  const late: Partial<RequestRecord> = { outcome: 'ok', dueUs: 5_000 * ms, pod: 'old-a' }
  const records = stopped(told(4_020, 'signal', 'SIGTERM'), told(6_002, 'exited', '137'))
  const others = records.map((record): LogRecord => (record.type === 'end' ? { ...record, planned: 1_001 } : record))
  const request: LogRecord = { type: 'request', request: requestOf({ ...late, seq: 1_000 }) }
  const { endpointLags } = await analyse(planOf(), logOf([...others, ...requestsOf(), request]))
  expect(endpointLags[0]).toMatchObject({ pod: 'old-a', sinceDeletionUs: 1_000_300, atLeast: false })
})
