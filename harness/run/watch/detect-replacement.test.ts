import type { V1Pod } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { ReplacementDetector } from './detect-replacement.ts'
import type { ReplacementSign } from './detect-replacement.ts'

interface PodState {
  revision?: string
  ready?: boolean
  deleted?: boolean
  phase?: string
  reason?: string
  restarts?: number
  ended?: boolean
  target?: string
}

function createPod(name: string, state: PodState = {}): V1Pod {
  const { revision = '1', ready = true, deleted = false, phase = 'Running', restarts = 0, ended = false } = state
  const conditions = [
    { type: 'Ready', status: ready ? 'True' : 'False' },
    ...(state.target === undefined ? [] : [{ type: 'DisruptionTarget', status: 'True', reason: state.target }]),
  ]
  const container = {
    name: 'web',
    restartCount: restarts,
    state: ended ? { terminated: { exitCode: 1 } } : { running: {} },
  }
  // As in JSON, times are strings.
  return {
    metadata: {
      name,
      uid: name,
      labels: { 'pod-template-hash': revision },
      ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    spec: { nodeName: 'node-1' },
    status: {
      phase,
      conditions,
      containerStatuses: [container],
      ...(state.reason !== undefined && { reason: state.reason }),
    },
  } as unknown as V1Pod
}

/** Two ready pods. */
function createDetector(): {
  see: (change: 'added' | 'modified' | 'deleted', name: string, state?: PodState) => ReplacementSign | null
  detector: ReplacementDetector
} {
  const detector = new ReplacementDetector()
  const see: ReturnType<typeof createDetector>['see'] = (change, name, state) =>
    detector.see({ change, object: createPod(name, state), atUs: 7 })
  expect([see('added', 'a'), see('added', 'b')]).toEqual([null, null])
  return { see, detector }
}

test('replacement: a pod of another revision is a sign, one of the same is none', () => {
  const { see } = createDetector()
  expect(see('added', 'c', { ready: false })).toBeNull()
  expect(see('added', 'd', { revision: '2', ready: false })).toMatchObject({
    what: 'new-revision',
    pod: 'd',
    says: 'pod d is of another revision',
  })
  expect(see('added', 'e', { revision: '2', ready: false })).toBeNull()
})

test('replacement: after a rollout the old revision is another one', () => {
  const { see } = createDetector()
  see('added', 'c', { revision: '2' })
  for (const name of ['a', 'b']) {
    see('modified', name, { deleted: true })
    see('deleted', name, { deleted: true })
  }
  expect(see('added', 'd')?.what).toBe('new-revision')
})

test('replacement: a pod that comes when all others have left is compared with them', () => {
  const { see } = createDetector()
  for (const name of ['a', 'b']) see('modified', name, { deleted: true })
  expect(see('added', 'c')).toBeNull()
  for (const name of ['a', 'b', 'c']) see('deleted', name, { deleted: true })
  expect(see('added', 'd', { revision: '2' })?.what).toBe('new-revision')
})

test('replacement: a pod that is being deleted is a sign once', () => {
  const { see } = createDetector()
  const sign = see('modified', 'a', { deleted: true })
  expect(sign).toMatchObject({ what: 'leaves', pod: 'a', node: 'node-1', evictedBy: null, atUs: 7 })
  expect(see('modified', 'a', { deleted: true, ready: false })).toBeNull()
  expect(see('deleted', 'a', { deleted: true })).toBeNull()
})

test('replacement: a pod that is gone without a word, as after a force-deletion, is a sign', () => {
  expect(createDetector().see('deleted', 'a')).toMatchObject({ what: 'leaves', says: 'pod a is gone' })
})

test('replacement: who evicts a pod is told', () => {
  const { see } = createDetector()
  expect(see('modified', 'a', { target: 'EvictionByEvictionAPI' })).toBeNull()
  expect(see('modified', 'a', { target: 'EvictionByEvictionAPI', deleted: true })?.evictedBy).toBe(
    'EvictionByEvictionAPI',
  )
  expect(see('modified', 'b', { phase: 'Failed', reason: 'Evicted', ready: false })).toMatchObject({
    what: 'leaves',
    evictedBy: 'Evicted',
    says: 'pod b has ended',
  })
})

test('replacement: a pod that fails its readiness probe and recovers is no sign', () => {
  const { see, detector } = createDetector()
  const { changes } = detector
  for (const ready of [false, true, false, true]) expect(see('modified', 'a', { ready })).toBeNull()
  expect(detector.changes).toBe(changes)
})

test('replacement: a container that ends is a sign once, and again when it has served since', () => {
  const { see } = createDetector()
  expect(see('modified', 'a', { ready: false, ended: true })).toMatchObject({ what: 'restarts', pod: 'a' })
  expect(see('modified', 'a', { ready: false, restarts: 1 })).toBeNull()
  expect(see('modified', 'a', { restarts: 1 })).toBeNull()
  expect(see('modified', 'a', { ready: false, restarts: 2 })?.what).toBe('restarts')
  expect(see('modified', 'a', { ready: false, ended: true, restarts: 2 })).toBeNull()
  expect(see('modified', 'a', { ready: false, restarts: 3 })).toBeNull()
})
