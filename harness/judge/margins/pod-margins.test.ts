/** Margins of pods, by each kind of evidence for their ends. */
import { describe, expect, test } from 'vitest'
import type { PodMargin } from '../../model/figures/margin.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { ContainerMoment, LogRecord, RequestRecord } from '../../model/record.ts'
import { buildRefused, buildRequest, containerAt, podAt } from '../../testing/samples/records.ts'
import { frameRecords, buildLog, ms, buildPlan, buildRequests, second } from '../../testing/samples/rollout-log.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { analyseRun } from '../verdict/analyse-run.ts'
import { findConnectingEnd } from './connecting-end.ts'

const deletionUs = 4 * second
const [leaving] = buildSampleComparison().runs[0]!.analysis.pods

/** A moment of `old-a`, which is deleted at 4 s. */
const told = (atMs: number, moment: ContainerMoment, detail: string | null = null, container = 'nginx'): LogRecord =>
  containerAt(deletionUs + atMs * ms, { pod: 'old-a', container }, moment, detail)
/** The server's own line. */
const logged = (atMs: number, moment: ContainerMoment, detail: string | null = null): LogRecord =>
  ({ ...told(atMs, moment, detail), source: 'log', errorUs: 5_500 }) as LogRecord
const claimed = (atMs: number, moment: ContainerMoment): LogRecord =>
  ({ ...told(atMs, moment), source: 'status', errorUs: 500 * ms }) as LogRecord
const answeredAt = (afterMs: number, fields: Partial<RequestRecord> = {}): RequestRecord => {
  const sentUs = deletionUs + afterMs * ms
  return buildRequest({ dueUs: sentUs, sentUs, connectedUs: sentUs, pod: 'old-a', ...fields })
}
const refusedAt = (afterMs: number): RequestRecord => {
  const sentUs = deletionUs + afterMs * ms
  return buildRefused({ dueUs: sentUs, sentUs, settledUs: sentUs })
}
const cutAt = (afterMs: number): RequestRecord => {
  const settledUs = deletionUs + afterMs * ms
  const kept = { lane: 'reused', use: 2, previousPod: 'old-a', pod: null, firstByteUs: null, status: null } as const
  return buildRequest({ ...kept, dueUs: settledUs - 40 * ms, settledUs, outcome: 'closed-before-response' })
}

interface Told {
  moments?: LogRecord[]
  requests?: RequestRecord[]
  goneMs?: number
  plan?: Partial<RunPlan>
}

/** The margin of `old-a`, whose endpoint is removed at once and whose rules change at 0.25 s. */
async function findMargin({ moments = [], requests = [], goneMs = 2_500, plan = {} }: Told): Promise<PodMargin> {
  const isOwn = (record: LogRecord): boolean =>
    (record.type === 'container' && record.pod === 'old-a') ||
    (record.type === 'pod' && record.pod.name === 'old-a' && record.pod.terminating)
  const records = [
    ...frameRecords.filter((record) => !isOwn(record) && record.type !== 'end'),
    podAt(deletionUs, 'modified', 'old-a', { terminating: true }),
    podAt(deletionUs + goneMs * ms, 'deleted', 'old-a', { terminating: true }),
    ...moments,
    ...buildRequests(),
    ...requests.map((request, index): LogRecord => ({ type: 'request', request: { ...request, seq: 1_000 + index } })),
    { type: 'end', t: 11.15 * second, driver: 0, planned: 1_000 + requests.length, lost: null } as const,
  ]
  const { margins } = await analyseRun({ ...buildPlan(), ...plan }, buildLog(records))
  return margins.find(({ pod }) => pod === 'old-a')!
}

describe('new connections', () => {
  test('a server that says when it stops listening: negative where connections keep coming', async () => {
    const { fresh } = await findMargin({
      moments: [told(3, 'signal', 'SIGTERM'), logged(6, 'stopped-accepting'), told(20, 'exited', '0')],
      requests: [refusedAt(30), refusedAt(200)],
    })
    // 1,002 connections in 10.151 s to three pods, and the possible errors of the log's and the driver's times.
    expect(fresh).toMatchObject({
      connectingUs: 200 * ms,
      source: 'driver',
      atLeast: false,
      answeringUs: 6 * ms,
      marginUs: -194 * ms,
      errorUs: Math.round((3 * 10_151 * ms) / 1_002 + 5_500 + 120),
    })
  })

  test('a server that outlasts them: time to spare', async () => {
    const { fresh } = await findMargin({
      moments: [told(1, 'hook-began'), logged(2_000, 'stopped-accepting'), logged(2_010, 'exited')],
      requests: [answeredAt(100)],
    })
    expect(fresh).toMatchObject({ connectingUs: 100 * ms, answeringUs: 2_000 * ms, marginUs: 1_900 * ms })
  })

  test('a foreign server: it stopped between its signal and the first refusal', async () => {
    const { fresh } = await findMargin({
      moments: [told(10, 'signal', 'SIGTERM'), told(400, 'exited', '0')],
      requests: [refusedAt(50), refusedAt(120)],
    })
    expect(fresh).toMatchObject({ answeringUs: 30 * ms, connectingUs: 120 * ms, marginUs: -90 * ms })
    expect(fresh?.errorUs).toBeGreaterThanOrEqual(20 * ms)
  })

  test('a foreign server that drains for long after its signal answered until then at the least', async () => {
    const { fresh } = await findMargin({
      moments: [
        told(1, 'hook-began'),
        told(900, 'hook-ended'),
        told(901, 'signal', 'SIGTERM'),
        told(2_400, 'exited', '0'),
      ],
      requests: [answeredAt(150)],
    })
    expect(fresh).toMatchObject({ answeringUs: 901 * ms, answeringAtLeast: true, marginUs: 751 * ms })
  })

  test('nothing but whole seconds told of its end: not known', async () => {
    expect((await findMargin({ moments: [claimed(1_500, 'exited')], requests: [answeredAt(150)] })).fresh).toBeNull()
  })

  test('clients alone: between the last that was answered and the first that was refused', async () => {
    const { fresh } = await findMargin({ requests: [answeredAt(100), refusedAt(140), refusedAt(230)] })
    expect(fresh).toMatchObject({ answeringUs: 120 * ms, connectingUs: 230 * ms, marginUs: -110 * ms })
  })

  test('a server that answers long after it said that it stopped had not', async () => {
    const { fresh } = await findMargin({
      moments: [logged(6, 'stopped-accepting'), told(300, 'signal', 'SIGTERM'), told(310, 'exited', '0')],
      requests: [answeredAt(200)],
    })
    expect(fresh).toMatchObject({ answeringUs: 305 * ms })
  })

  test('the kernel’s word counts, whatever the moment of a later loss suggests', () => {
    const life = { ...leaving!, lastFreshUs: null, lastLedUs: deletionUs + 275 * ms, removedFromProxyUs: null }
    const request = refusedAt(6_000)
    const [loss] = buildSampleComparison().runs[0]!.analysis.losses
    const late = { ...loss!, request, outcome: 'refused', pod: life.pod } as const
    const find = (lastLedUs: number | null, attributedBy: 'moment' | 'kernel') =>
      findConnectingEnd({ ...life, lastLedUs }, [{ ...late, attributedBy }], {
        spacingUs: 30 * ms,
        rulesErrorUs: 10 * ms,
      })
    expect(find(life.lastLedUs, 'moment')).toMatchObject({ atUs: deletionUs + 275 * ms, source: 'kernel' })
    expect(find(life.lastLedUs, 'kernel')?.atUs).toBe(deletionUs + 6_000 * ms)
    expect(find(null, 'moment')).toMatchObject({ atUs: deletionUs + 6_000 * ms, source: 'driver' })
  })

  test('none came after the service proxy had changed its rules', () => {
    const figures = { spacingUs: 30 * ms, rulesErrorUs: 10 * ms }
    const find = (lastLedMs: number) =>
      findConnectingEnd(
        { ...leaving!, removedFromProxyUs: 540 * ms, lastFreshUs: null, lastLedUs: lastLedMs * ms },
        [],
        figures,
      )
    expect(find(582)).toMatchObject({ atUs: 540 * ms, errorUs: 10 * ms })
    expect(find(545)).toMatchObject({ atUs: 545 * ms, errorUs: 10 * ms })
    expect(find(535)).toMatchObject({ atUs: 535 * ms, errorUs: 15 * ms })
    expect(find(400)).toMatchObject({ atUs: 400 * ms, errorUs: 30 * ms })
  })

  test('without reports of answered ones, the last lost one may not be the last', () => {
    const [loss] = buildSampleComparison().runs[0]!.analysis.losses
    const { request } = loss!
    const untold = { ...leaving!, removedFromProxyUs: null, lastFreshUs: null, lastLedUs: null }
    const lost = { ...loss!, pod: untold.pod, attributedBy: 'moment', request: { ...request, use: 1 } } as const
    const figures = { spacingUs: 30 * ms, rulesErrorUs: 10 * ms }
    expect(findConnectingEnd(untold, [lost], figures)).toMatchObject({ atLeast: true })
  })

  test('those that may be its own and came later are within the error, up to the change of rules', () => {
    const [loss] = buildSampleComparison().runs[0]!.analysis.losses
    const pod = { ...leaving!, removedFromProxyUs: 400 * ms, lastFreshUs: 0, lastLedUs: null }
    const request = { ...loss!.request, use: 1, sentUs: 300 * ms }
    const doubtful = { ...loss!, request, pod: pod.pod, attributedBy: null, candidates: [pod.pod, 'other'] }
    const figures = { spacingUs: 20 * ms, rulesErrorUs: 10 * ms }
    expect(findConnectingEnd(pod, [doubtful], figures)).toMatchObject({ atUs: 0, errorUs: 410 * ms })
  })

  test('from outside the cluster they are not seen', async () => {
    const via: RunPlan['via'] = { kind: 'url', scheme: 'https', host: 'shop.test', port: 443, address: '10.0.0.1' }
    const moments = [told(10, 'signal', 'SIGTERM'), told(20, 'exited', '0')]
    expect((await findMargin({ moments, requests: [answeredAt(5)], plan: { via } })).fresh).toBeNull()
  })

  test('through an ingress controller they are not seen', async () => {
    const via: RunPlan['via'] = { kind: 'ingress', host: 'shop.example', port: 80 }
    const moments = [told(10, 'signal', 'SIGTERM'), told(20, 'exited', '0')]
    expect((await findMargin({ moments, plan: { via } })).fresh).toBeNull()
  })
})

test('kept connections: how many were cut, from when to when', async () => {
  const moments = [told(500, 'signal', 'SIGTERM'), told(520, 'exited', '0')]
  const { kept } = await findMargin({ moments, requests: [cutAt(502), cutAt(507), refusedAt(510)] })
  expect(kept).toEqual({ cut: 2, firstUs: 502 * ms, lastUs: 507 * ms })
  expect((await findMargin({ moments })).kept).toBeNull()
})

test('upstream: what a gateway answered for a server that was gone, and an error of the application is none', async () => {
  const failedAt = (afterMs: number, status: number): RequestRecord =>
    answeredAt(afterMs, {
      outcome: 'http-5xx',
      status,
      settledUs: deletionUs + afterMs * ms,
      firstByteUs: deletionUs + afterMs * ms,
    })
  const { upstream } = await findMargin({
    requests: [failedAt(20, 502), failedAt(90, 502), failedAt(95, 504), failedAt(200, 500)],
  })
  expect(upstream).toEqual({ status: 502, answers: 2, fromUs: 20 * ms, toUs: 90 * ms })
  expect((await findMargin({ requests: [failedAt(20, 500), failedAt(30, 503)] })).upstream).toBeNull()
})

describe('what ended it', () => {
  test.each<[string, LogRecord[], string | null]>([
    ['its stop signal', [told(10, 'signal', 'SIGTERM'), told(20, 'exited', '0')], 'TERM'],
    ['KILL after it', [told(10, 'signal', 'SIGTERM'), told(2_000, 'signal', 'SIGKILL'), told(2_001, 'exited')], 'KILL'],
    ['its hook', [told(1, 'hook-began'), logged(900, 'signal', 'SIGQUIT'), logged(910, 'exited')], 'nginx quits'],
    ['TERM, by its own line alone', [logged(10, 'signal', 'SIGTERM'), logged(20, 'exited')], 'TERM'],
    ['no report', [], null],
  ])('%s', async (_, moments, ending) => {
    expect((await findMargin({ moments })).endedBy).toBe(ending)
  })
})
