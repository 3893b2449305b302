import type { CoreV1Event, V1EndpointSlice, V1Pod } from '@kubernetes/client-node'
import { describe, expect, test } from 'vitest'
import { monotonicUs } from '../../base/clock.ts'
import { toEventRecords, toStatusRecords } from './event-records.ts'
import { summarizeEndpoints, summarizePod } from './object-summaries.ts'
import { WallClock } from './node-timestamps.ts'

/** A run that began 10 s ago: its times stay positive. */
const clock = { originUs: monotonicUs() - 10_000_000, now: () => monotonicUs() - clock.originUs }
const wall = new WallClock(clock, { aheadUs: 0, errorUs: 0 })
const exact = { clock: { originUs: 1_000_000, now: () => 0 }, wall, exactEvents: true }
const coarse = { clock, wall, exactEvents: false }

/** `agoMs`: its age by its own time stamp; absent: it has none. */
function buildEvent(
  reason: string,
  annotations: Record<string, string>,
  fieldPath?: string,
  agoMs?: number,
): CoreV1Event {
  return {
    metadata: { annotations },
    involvedObject: { kind: 'Pod', name: 'web-1', ...(fieldPath !== undefined && { fieldPath }) },
    reason,
    message: 'text',
    ...(agoMs !== undefined && { lastTimestamp: formatSeconds(agoMs) as unknown as Date }),
  }
}
/** `agoMs` ago, in the format of Kubernetes. */
const formatSeconds = (agoMs: number): string => `${new Date(Date.now() - agoMs).toISOString().slice(0, 19)}Z`

describe('observe: an Event with an exact time', () => {
  test('is a moment of its container on the run clock', () => {
    const seen = buildEvent(
      'StopSignalSent',
      { 'nodrop.dev/monotonic-us': '1500000', 'nodrop.dev/detail': 'SIGTERM' },
      'spec.containers{nginx}',
    )
    expect(toEventRecords(seen, 7, exact)).toMatchObject([
      {
        type: 'container',
        t: 7,
        at: 500_000,
        source: 'kubelet',
        pod: 'web-1',
        container: 'nginx',
        moment: 'signal',
        detail: 'SIGTERM',
      },
    ])
  })

  test('is only text where its annotation cannot be trusted', () => {
    const seen = buildEvent('StopSignalSent', { 'nodrop.dev/monotonic-us': '1500000' }, 'spec.containers{nginx}')
    expect(toEventRecords(seen, 7, { ...exact, exactEvents: false })).toEqual([
      { type: 'event', t: 7, object: 'Pod/web-1', reason: 'StopSignalSent', message: 'text' },
    ])
  })

  test('tells which pods the service proxy now uses', () => {
    const annotations = { 'nodrop.dev/monotonic-us': '1000009', 'nodrop.dev/detail': '["web-1"]' }
    expect(toEventRecords(buildEvent('EndpointsProgrammed', annotations), 0, exact)).toMatchObject([
      { type: 'programmed', at: 9, errorUs: 1, pods: ['web-1'] },
    ])
  })

  test('and how exactly, where it says so', () => {
    const annotations = { 'nodrop.dev/monotonic-us': '1009000', 'nodrop.dev/monotonic-error-us': '4500' }
    expect(toEventRecords(buildEvent('EndpointsProgrammed', annotations), 0, exact)).toMatchObject([
      { type: 'programmed', at: 9_000, errorUs: 4_500 },
    ])
  })
})

describe('observe: an Event in whole seconds', () => {
  test('is a claim beside its text, with the error of its second', () => {
    const t = clock.now()
    const killing = buildEvent('Killing', {}, 'spec.containers{nginx}', 0)
    const [plain, claim] = toEventRecords(killing, t, coarse)
    expect(plain).toMatchObject({ type: 'event', reason: 'Killing' })
    expect(claim).toMatchObject({ type: 'container', source: 'event', moment: 'stopping', detail: null })
    if (claim?.type !== 'container') throw new Error('no claim')
    expect(claim.at).toBeLessThanOrEqual(t)
    expect(claim.errorUs).toBeLessThan(510_000)
  })

  test('keeps why a probe failed', () => {
    const probe = buildEvent('Unhealthy', {}, 'spec.containers{nginx}', 3_000)
    expect(toEventRecords(probe, clock.now(), coarse)[1]).toMatchObject({ moment: 'unhealthy', detail: 'text' })
  })
})

test('observe: states in a status are claims, each recorded once', () => {
  const before = new Set<string>()
  const pod = {
    metadata: { name: 'web-1', uid: 'u' },
    status: {
      containerStatuses: [
        {
          name: 'nginx',
          state: { terminated: { exitCode: 137, startedAt: formatSeconds(4_000), finishedAt: formatSeconds(2_000) } },
        },
      ],
    },
  } as unknown as V1Pod
  expect(toStatusRecords(pod, clock.now(), wall, before)).toMatchObject([
    { source: 'status', pod: 'web-1', container: 'nginx', moment: 'started' },
    { source: 'status', moment: 'exited', detail: '137' },
  ])
  expect(toStatusRecords(pod, clock.now(), wall, before)).toEqual([])
})
test('observe: a pod terminates from its deletion timestamp on', () => {
  const pod = {
    metadata: { name: 'web-1', uid: 'u', deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 12 },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  } as unknown as V1Pod
  expect(summarizePod(pod)).toMatchObject({ terminating: true, ready: true, graceSeconds: 12 })
})

test('observe: an endpoint without conditions is ready', () => {
  const slice = {
    metadata: { name: 'web-x', labels: { 'kubernetes.io/service-name': 'web' } },
    endpoints: [{ addresses: ['10.0.0.1'], targetRef: { name: 'web-1' } }],
  } as unknown as V1EndpointSlice
  expect(summarizeEndpoints(slice, false).endpoints).toEqual([
    { pod: 'web-1', ip: '10.0.0.1', ready: true, serving: true, terminating: false },
  ])
  expect(summarizeEndpoints(slice, true).endpoints).toEqual([])
})
