import { expect, test } from 'vitest'
import type { Pod, Stored } from '../store/objects.ts'
import { getPodsToDelete } from './pods-to-delete.ts'

const now = Date.parse('2026-01-01T12:00:00Z')

interface Traits {
  node?: string
  phase?: string
  ready?: boolean
  readySeconds?: number
  ageSeconds?: number
  cost?: string
  restarts?: number
  sidecarRestarts?: number
  uid?: string
}

function formatTimeAgo(seconds: number): string {
  return new Date(now - seconds * 1000).toISOString()
}

function createPod(name: string, traits: Traits = {}): Stored<Pod> {
  const { node = 'node-1', phase = 'Running', ready = true, readySeconds = 3600, ageSeconds = 3600 } = traits
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: traits.uid ?? name,
      resourceVersion: '1',
      creationTimestamp: formatTimeAgo(ageSeconds),
      ...(traits.cost !== undefined && {
        annotations: { 'controller.kubernetes.io/pod-deletion-cost': traits.cost },
      }),
    },
    spec: { nodeName: node, containers: [], initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] },
    status: {
      phase,
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: formatTimeAgo(readySeconds) },
      ],
      containerStatuses: [createContainerStatus('app', traits.restarts ?? 0)],
      initContainerStatuses: [createContainerStatus('proxy', traits.sidecarRestarts ?? 0)],
    },
  }
}

function createContainerStatus(
  name: string,
  restartCount: number,
): NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number] {
  return { name, restartCount, image: '', imageID: '', ready: true }
}

// Each rule overrides all later ones: by those the victim is worse.
test.each<[string, Traits, Traits]>([
  ['without a node', { node: '', phase: 'Pending', cost: '9' }, { phase: 'Pending' }],
  ['pending', { phase: 'Pending', cost: '9' }, { ready: false }],
  ['not ready', { ready: false, cost: '9' }, { cost: '-9' }],
  ['of a lower deletion cost', { cost: '-1', readySeconds: 9000 }, { restarts: 5 }],
  ['ready for a shorter time', { readySeconds: 100, ageSeconds: 9000 }, { readySeconds: 1000, restarts: 5 }],
  ['restarted more often', { restarts: 2, ageSeconds: 9000 }, { restarts: 1, ageSeconds: 100 }],
  ['with a sidecar that restarted more often', { sidecarRestarts: 1, ageSeconds: 9000 }, { ageSeconds: 100 }],
  ['created later', { ageSeconds: 100, uid: 'z' }, { ageSeconds: 1000, uid: 'a' }],
])('a pod %s goes first', (_rule, victim, survivor) => {
  const pods = [createPod('survivor', survivor), createPod('victim', victim)]
  // Their nodes have no other pods.
  for (const order of [pods, pods.toReversed()]) {
    expect(getPodsToDelete(order, [], 1, now).map(({ metadata }) => metadata.name)).toEqual(['victim'])
  }
})

test('Pods to delete: those on crowded nodes first, whatever their age', () => {
  const pods = [
    createPod('alone', { node: 'node-2', readySeconds: 10, ageSeconds: 10 }),
    createPod('together-1', { readySeconds: 5000 }),
    createPod('together-2', { readySeconds: 9000 }),
  ]
  expect(getPodsToDelete(pods, pods, 2, now).map(({ metadata }) => metadata.name)).not.toContain('alone')
})

test('Pods to delete: terminating and finished pods crowd no node', () => {
  const gone = createPod('gone', { node: 'node-2' })
  gone.metadata.deletionTimestamp = formatTimeAgo(1)
  const pods = [
    createPod('a', { node: 'node-2', readySeconds: 9000 }),
    createPod('b', { node: 'node-1', readySeconds: 100 }),
  ]
  const related = [...pods, gone, createPod('done', { node: 'node-2', phase: 'Succeeded' })]
  expect(getPodsToDelete(pods, related, 1, now)[0]?.metadata.name).toBe('b')
})

test('Pods to delete: of ages within a power of two the uid decides', () => {
  // 600 s and 1,000 s are both between 2^39 and 2^40 ns; 2,000 s is beyond.
  const older = createPod('older', { readySeconds: 1000, uid: 'a' })
  const younger = createPod('younger', { readySeconds: 600, uid: 'b' })
  expect(getPodsToDelete([younger, older], [], 1, now)[0]?.metadata.name).toBe('older')
  const oldest = createPod('oldest', { readySeconds: 2000, uid: '0' })
  expect(getPodsToDelete([oldest, younger], [], 1, now)[0]?.metadata.name).toBe('younger')
})

test.each(['1.5', '+3', '007', '', '3000000000'])('Pods to delete: a deletion cost of "%s" counts as 0', (cost) => {
  const pods = [
    createPod('zero', { cost: '0', uid: 'b', readySeconds: 900 }),
    createPod('odd', { cost, uid: 'a', readySeconds: 900 }),
  ]
  expect(
    getPodsToDelete([createPod('one', { cost: '1' }), ...pods], [], 2, now)
      .map(({ metadata }) => metadata.name)
      .sort(),
  ).toEqual(['odd', 'zero'])
})
