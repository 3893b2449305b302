/** The signals and the faults by which requests were lost. */
import { describe, expect, test } from 'vitest'
import type { ContainerMoment, LogRecord, MomentSource, RequestRecord } from '../../model/record.ts'
import type { Analysis, Loss } from '../../model/result.ts'
import { containerAt, podAt, buildRefused, buildRequest } from '../../testing/samples/records.ts'
import { frameRecords, buildLog, ms, buildPlan, buildRequests, second } from '../../testing/samples/rollout-log.ts'
import { analyseRun } from '../verdict/analyse-run.ts'

const graceSeconds = 2
const deletionUs = 4 * second

/** The rollout in which `old-a` has 2 s from 4 s on, with these moments of its containers. */
function createStop(...moments: LogRecord[]): LogRecord[] {
  const isOwnRecord = (record: LogRecord): boolean =>
    (record.type === 'container' && record.pod === 'old-a') ||
    (record.type === 'pod' && record.pod.name === 'old-a' && record.pod.terminating)
  return [
    ...frameRecords.filter((record) => !isOwnRecord(record)),
    podAt(deletionUs, 'modified', 'old-a', { terminating: true, graceSeconds }),
    podAt(7 * second, 'deleted', 'old-a', { terminating: true, graceSeconds }),
    ...moments,
  ]
}
function createTold(
  atMs: number,
  moment: ContainerMoment,
  detail: string | null = null,
  container = 'nginx',
): LogRecord {
  return containerAt(atMs * ms, { pod: 'old-a', container }, moment, detail)
}
/** In whole seconds, as in a kubelet's Events and statuses. */
function createClaimed(atMs: number, moment: ContainerMoment, detail: string | null, source: MomentSource): LogRecord {
  const exact = createTold(atMs, moment, detail)
  return { ...exact, source, errorUs: 500 * ms } as LogRecord
}
/** A kept connection to `old-a` that is cut. */
const createCut = (settledUs: number): Partial<RequestRecord> => ({
  dueUs: settledUs - 40 * ms,
  settledUs,
  lane: 'reused',
  use: 2,
  previousPod: 'old-a',
  outcome: 'closed-before-response',
})
async function analyseLosses(
  records: LogRecord[],
  ...requests: Partial<RequestRecord>[]
): Promise<Analysis & { first: Loss }> {
  const more = requests.map((fields, index): LogRecord => {
    const request = fields.outcome === 'http-5xx' ? buildRequest(fields) : buildRefused(fields)
    return { type: 'request', request: { ...request, seq: 1_000 + index } }
  })
  const others = records.map((record): LogRecord =>
    record.type === 'end' ? { ...record, planned: 1_000 + requests.length } : record,
  )
  const analysis = await analyseRun(buildPlan(), buildLog([...others, ...buildRequests(), ...more]))
  return { ...analysis, first: analysis.losses[0]! }
}
const extractWhen = ({ sentence }: Analysis): string => sentence.slice(sentence.indexOf('): ') + 3)

describe('a container that ignores its stop signal', () => {
  const term = createTold(4_020, 'signal', 'SIGTERM')

  test('loses its requests to KILL, where the kubelet tells of it', async () => {
    const kill = [createTold(6_001, 'signal', 'SIGKILL'), createTold(6_002, 'exited', '137')]
    const analysis = await analyseLosses(createStop(term, ...kill), createCut(6_003 * ms))
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
    expect(extractWhen(analysis)).toBe(
      '1 closed before response, 2 ms after old-a was sent SIGKILL; nginx did not end on SIGTERM in 1 of 2 pods and was ' +
        'killed when its grace period of 2 s was used up',
    )
  })

  test('loses requests to KILL, known from exit code and grace period only', async () => {
    const claims = [createClaimed(4_500, 'stopping', null, 'event'), createClaimed(6_500, 'exited', '137', 'status')]
    const analysis = await analyseLosses(createStop(...claims), createCut(6_103 * ms))
    expect(analysis.first).toMatchObject({
      sinceSignalUs: null,
      sinceDeletionUs: 2_103 * ms,
      stop: { signal: 'SIGKILL', signalUs: null, faults: [{ kind: 'outlived-signal', signal: null }] },
    })
    expect(extractWhen(analysis)).toBe(
      '1 closed before response, 2.1 s after the deletion of old-a; nginx did not end on its stop signal in 1 of 2 pods ' +
        'and was killed when its grace period of 2 s was used up',
    )
  })

  test('has not been killed yet when a request is lost before', async () => {
    const kill = [createTold(6_001, 'signal', 'SIGKILL'), createTold(6_002, 'exited', '137')]
    const { first, sentence } = await analyseLosses(createStop(term, ...kill), createCut(4_030 * ms))
    expect(sentence).not.toContain('did not end')
    expect(first).toMatchObject({ sinceSignalUs: 10 * ms, stop: { signal: 'SIGTERM', exitedUs: null, faults: [] } })
  })

  test('whose losses are of two signals tells how many of each', async () => {
    const kill = [createTold(6_001, 'signal', 'SIGKILL'), createTold(6_002, 'exited', '137')]
    const analysis = await analyseLosses(
      createStop(term, ...kill),
      createCut(4_030 * ms),
      createCut(6_003 * ms),
      createCut(6_005 * ms),
    )
    expect(extractWhen(analysis)).toContain(
      '3 closed before response, 1 of them 10 ms after old-a was sent SIGTERM and 2 of them 2–4 ms after old-a was sent SIGKILL;',
    )
  })

  test('exit code 137 before the grace period is over is no such KILL', async () => {
    const { pods, first } = await analyseLosses(
      createStop(term, createClaimed(4_500, 'exited', '137', 'status')).map((record) =>
        record.type === 'pod' && record.pod.terminating
          ? { ...record, pod: { ...record.pod, graceSeconds: 30 } }
          : record,
      ),
      createCut(4_103 * ms),
    )
    expect(pods.flatMap(({ containers }) => containers.flatMap(({ faults }) => faults))).toEqual([])
    expect(first.stop).toMatchObject({ signal: 'SIGTERM' })
  })
})

describe('a preStop hook', () => {
  test('that failed is told with its exit code', async () => {
    const moments = [
      createTold(4_005, 'hook-began'),
      createTold(4_010, 'hook-failed', '127'),
      createTold(4_011, 'signal', 'SIGTERM'),
    ]
    const analysis = await analyseLosses(
      createStop(...moments, createTold(4_015, 'exited', '0')),
      createCut(4_013 * ms),
    )
    expect(analysis.first.stop?.faults).toEqual([{ kind: 'hook-failed', detail: '127', atUs: 4_010 * ms }])
    expect(extractWhen(analysis)).toBe(
      '1 closed before response, 2 ms after old-a was sent SIGTERM; the preStop hook of nginx failed in 1 of 2 pods (exit code 127)',
    )
  })

  test('that ended with its container has not failed', async () => {
    const moments = [
      createTold(4_005, 'hook-began'),
      createTold(4_200, 'exited', '0'),
      createTold(4_201, 'hook-failed', '137'),
    ]
    const analysis = await analyseLosses(createStop(...moments), createCut(4_203 * ms))
    expect(analysis.first.stop).toMatchObject({ signal: null, exitedUs: 4_200 * ms, faults: [] })
    expect(analysis.sentence).not.toContain('hook')
  })

  test('that ended with its container has not failed, where only whole seconds tell of it', async () => {
    const exit = { ...createTold(4_200, 'exited'), source: 'log', errorUs: 5_500 } as LogRecord
    const quit = { ...createTold(4_195, 'signal', 'SIGQUIT'), source: 'log', errorUs: 5_500 } as LogRecord
    const failed = createClaimed(4_100, 'hook-failed', 'PreStopHook failed', 'event')
    const { sentence, pods } = await analyseLosses(createStop(quit, exit, failed), createCut(4_203 * ms))
    expect(pods[0]?.containers[0]?.moments.map(({ moment }) => moment)).toEqual(['hook-ended', 'signal', 'exited'])
    expect(sentence).not.toContain('hook')
  })

  test('that ended with its container has not failed, however late the kubelet notices', async () => {
    const [stopping, quit, exit, failed] = [
      { ...createClaimed(4_000, 'stopping', null, 'event') },
      { ...createTold(4_195, 'signal', 'SIGQUIT'), source: 'log', errorUs: 5_500 },
      { ...createTold(4_200, 'exited', '0'), source: 'log', errorUs: 5_500 },
      { ...createTold(5_450, 'hook-failed', 'PreStopHook failed'), source: 'event', errorUs: 16_000 },
    ] as LogRecord[]
    const { sentence, pods } = await analyseLosses(createStop(stopping!, quit!, exit!, failed!), createCut(4_203 * ms))
    expect(pods[0]?.containers[0]?.faults).toEqual([])
    expect(sentence).not.toContain('hook')
  })

  test('that failed after its container was started again is told', async () => {
    const [exit, stopping, failed] = [
      createTold(3_990, 'exited', '1'),
      createTold(4_005, 'stopping'),
      createTold(4_010, 'hook-failed', '1'),
    ]
    const { pods } = await analyseLosses(createStop(exit, stopping, failed), createCut(4_203 * ms))
    expect(pods[0]?.containers[0]?.faults).toMatchObject([{ kind: 'hook-failed', detail: '1' }])
  })

  test('that failed before its container was sent TERM is told, where only whole seconds tell of it', async () => {
    const [term, exit] = [createTold(4_195, 'signal', 'SIGTERM'), createTold(4_200, 'exited')].map(
      (record) => ({ ...record, source: 'log', errorUs: 5_500 }) as LogRecord,
    )
    const failed = createClaimed(4_100, 'hook-failed', 'PreStopHook failed', 'event')
    const { sentence } = await analyseLosses(createStop(term!, exit!, failed), createCut(4_203 * ms))
    expect(sentence).toContain('the preStop hook of nginx failed in 1 of 2 pods (PreStopHook failed)')
  })

  test('that outlasts the grace period leaves two seconds for the stop signal', async () => {
    const moments = [
      createTold(4_005, 'hook-began'),
      createTold(6_001, 'signal', 'SIGTERM'),
      createTold(6_990, 'signal', 'SIGKILL'),
      createTold(6_991, 'exited', '137'),
      createTold(6_992, 'hook-failed', '137'),
    ]
    const analysis = await analyseLosses(createStop(...moments), createCut(6_992 * ms))
    expect(extractWhen(analysis)).toBe(
      '1 closed before response, 2 ms after old-a was sent SIGKILL; the preStop hook of nginx outlasted the grace period of 2 s in 1 of 2 pods',
    )
  })
})

test('proxy error: before its server was signalled, after, or after its exit', async () => {
  const records = createStop(
    createTold(4_020, 'signal', 'SIGQUIT', 'app'),
    createTold(4_050, 'exited', '0', 'app'),
    createTold(4_800, 'signal', 'SIGQUIT'),
    createTold(4_900, 'exited', '0'),
  )
  const createFailed = (sentMs: number, answeredMs: number): Partial<RequestRecord> => ({
    outcome: 'http-5xx',
    status: 502,
    pod: 'old-a',
    dueUs: sentMs * ms,
    sentUs: sentMs * ms,
    connectedUs: sentMs * ms,
    firstByteUs: answeredMs * ms,
    settledUs: answeredMs * ms,
  })
  const analysis = await analyseLosses(
    records,
    createFailed(3_990, 4_051),
    createFailed(4_030, 4_035),
    createFailed(4_100, 4_101),
    createFailed(4_790, 4_810),
  )
  expect(analysis.losses.map(({ stop }) => [stop?.container, stop?.signal, stop?.exitedUs])).toEqual(
    [4_050, null, 4_050, 4_050].map((exitMs) => ['app', 'SIGQUIT', exitMs && exitMs * ms]),
  )
  expect(extractWhen(analysis)).toBe(
    '4 http 5xx, 15–790 ms after old-a was sent SIGQUIT; of the http 5xx 2 were sent after app had exited, 1 was under way when app ' +
      'got SIGQUIT and 1 was sent after app got SIGQUIT',
  )
})

test('a pod that still answers long after its signal was not closed by it', async () => {
  const late: Partial<RequestRecord> = { outcome: 'ok', dueUs: 5_000 * ms, pod: 'old-a' }
  const records = createStop(createTold(4_020, 'signal', 'SIGTERM'), createTold(6_002, 'exited', '137'))
  const others = records.map((record): LogRecord => (record.type === 'end' ? { ...record, planned: 1_001 } : record))
  const request: LogRecord = { type: 'request', request: buildRequest({ ...late, seq: 1_000 }) }
  const { endpointLags } = await analyseRun(buildPlan(), buildLog([...others, ...buildRequests(), request]))
  expect(endpointLags[0]).toMatchObject({ pod: 'old-a', sinceDeletionUs: 1_000_300, atLeast: false })
})
