import type { CoreV1Event, V1EndpointSlice, V1Pod } from '@kubernetes/client-node'
import { describe, expect, test } from 'vitest'
import { momentOf } from './moments.ts'
import { endpointsSeen, podSeen } from './seen.ts'

const clock = { originUs: 1_000_000, now: () => 0 }

function event(reason: string, annotations: Record<string, string>, fieldPath?: string): CoreV1Event {
  return {
    metadata: { annotations },
    involvedObject: { kind: 'Pod', name: 'web-1', ...(fieldPath !== undefined && { fieldPath }) },
    reason,
    message: 'text',
  }
}

describe('an Event with an exact time', () => {
  test('is a moment of its container on the run clock', () => {
    const seen = event(
      'StopSignalSent',
      { 'nodrop.dev/monotonic-us': '1500000', 'nodrop.dev/detail': 'SIGTERM' },
      'spec.containers{nginx}',
    )
    expect(momentOf(seen, 7, { clock, exactEvents: true })).toMatchObject({
      type: 'container',
      t: 7,
      at: 500_000,
      pod: 'web-1',
      container: 'nginx',
      moment: 'signal',
      detail: 'SIGTERM',
    })
  })

  test('is only text where its annotation cannot be trusted', () => {
    const seen = event('StopSignalSent', { 'nodrop.dev/monotonic-us': '1500000' }, 'spec.containers{nginx}')
    expect(momentOf(seen, 7, { clock, exactEvents: false })).toEqual({
      type: 'event',
      t: 7,
      object: 'Pod/web-1',
      reason: 'StopSignalSent',
      message: 'text',
    })
  })

  test('tells which pods the service proxy now uses', () => {
    const annotations = { 'nodrop.dev/monotonic-us': '1000009', 'nodrop.dev/detail': '["web-1"]' }
    expect(momentOf(event('EndpointsProgrammed', annotations), 0, { clock, exactEvents: true })).toMatchObject({
      type: 'programmed',
      at: 9,
      pods: ['web-1'],
    })
  })
})

test('a pod is terminating from its deletion timestamp on, whatever its phase', () => {
  const pod = {
    metadata: { name: 'web-1', uid: 'u', deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 12 },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  } as unknown as V1Pod
  expect(podSeen(pod)).toMatchObject({ terminating: true, ready: true, graceSeconds: 12 })
})

test('an endpoint without conditions is ready, as the API says; a deleted slice has none', () => {
  const slice = {
    metadata: { name: 'web-x', labels: { 'kubernetes.io/service-name': 'web' } },
    endpoints: [{ addresses: ['10.0.0.1'], targetRef: { name: 'web-1' } }],
  } as unknown as V1EndpointSlice
  expect(endpointsSeen(slice, false).endpoints).toEqual([
    { pod: 'web-1', ip: '10.0.0.1', ready: true, serving: true, terminating: false },
  ])
  expect(endpointsSeen(slice, true).endpoints).toEqual([])
})
