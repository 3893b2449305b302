import { expect, test } from 'vitest'
import { newControllerRef } from './ownership.ts'
import { isRolledOut, TestCluster, waitUntil, createDeployment, createService } from '../testing/test-controllers.ts'

async function createDeployed(cluster: TestCluster): Promise<void> {
  cluster.store.create('deployments', createDeployment())
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the rollout')
  await cluster.settle()
}

test('Garbage: ReplicaSets go with their Deployment, pods gracefully', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 50 })
  await createDeployed(cluster)
  cluster.store.remove('deployments', 'web', 'default')
  await waitUntil(() => cluster.store.list('replicasets').length === 0, 'the ReplicaSets to go')
  await waitUntil(() => cluster.listPods().length === 0, 'the pods to terminate')
  expect(cluster.store.list('pods').map(({ metadata }) => metadata.deletionGracePeriodSeconds)).toEqual([12, 12, 12])
  await waitUntil(() => cluster.store.list('pods').length === 0, 'the pods to go')
})

test('Garbage: an owner is known by its uid, not by its name', async () => {
  await using cluster = new TestCluster()
  const first = cluster.store.create('configmaps', { metadata: { name: 'owner', namespace: 'default' } })
  cluster.store.remove('configmaps', 'owner', 'default')
  cluster.store.create('configmaps', { metadata: { name: 'owner', namespace: 'default' } })
  cluster.store.create('configmaps', {
    metadata: { name: 'dependent', namespace: 'default', ownerReferences: [newControllerRef(first)] },
  })
  await waitUntil(() => cluster.store.get('configmaps', 'dependent', 'default') === undefined, 'the dependent to go')
  expect(cluster.store.get('configmaps', 'owner', 'default')).toBeDefined()
})

test('Garbage: with another owner left, one reference is dropped', async () => {
  await using cluster = new TestCluster()
  const [a, b] = ['a', 'b'].map((name) =>
    cluster.store.create('configmaps', { metadata: { name, namespace: 'default' } }),
  )
  const references = [a, b].flatMap((owner) => (owner ? [{ ...newControllerRef(owner), controller: false }] : []))
  cluster.store.create('configmaps', {
    metadata: { name: 'shared', namespace: 'default', ownerReferences: references },
  })
  cluster.store.remove('configmaps', 'a', 'default')
  await waitUntil(() => cluster.store.get('configmaps', 'shared', 'default')?.metadata.ownerReferences?.length === 1)
  expect(cluster.store.get('configmaps', 'shared', 'default')?.metadata.ownerReferences?.[0]?.name).toBe('b')
})

test('Garbage: an owner of an unknown kind keeps its dependent', async () => {
  await using cluster = new TestCluster()
  const reference = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'job', uid: 'x' }
  cluster.store.create('configmaps', { metadata: { name: 'kept', namespace: 'default', ownerReferences: [reference] } })
  await cluster.settle()
  expect(cluster.store.get('configmaps', 'kept', 'default')).toBeDefined()
})

test.each([
  ['foregroundDeletion', 'goes after its ReplicaSets and pods', 0],
  ['orphan', 'goes and leaves its ReplicaSet and pods', 3],
])('Garbage: a Deployment deleted with the finalizer %s %s', async (finalizer, _text, podsLeft) => {
  await using cluster = new TestCluster({ goneAfterMs: 30 })
  await createDeployed(cluster)
  const goneFirst: string[] = []
  for (const plural of ['deployments', 'replicasets'] as const) {
    cluster.store.watch(plural, ({ type }) => type === 'DELETED' && goneFirst.push(plural))
  }
  cluster.store.modify('deployments', 'web', 'default', ({ metadata }) => {
    metadata.finalizers = [finalizer]
    metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  })
  await waitUntil(() => cluster.store.get('deployments', 'web', 'default') === undefined, 'the Deployment to go')
  await cluster.settle()
  expect(cluster.listPods()).toHaveLength(podsLeft)
  expect(goneFirst).toEqual(podsLeft === 0 ? ['replicasets', 'deployments'] : ['deployments'])
})

test('Garbage: a deleted namespace is emptied first', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 60 })
  cluster.store.create('namespaces', { metadata: { name: 'default' }, spec: { finalizers: ['kubernetes'] } })
  cluster.store.create('namespaces', { metadata: { name: 'other' } })
  cluster.store.create('configmaps', { metadata: { name: 'kept', namespace: 'other' } })
  cluster.store.create('services', createService())
  await createDeployed(cluster)
  cluster.store.modify('namespaces', 'default', '', ({ metadata }) => {
    metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  })
  await waitUntil(() => cluster.listPods().length === 0, 'the pods to terminate')
  expect(cluster.store.list('pods')).toHaveLength(3)
  expect(cluster.store.get('namespaces', 'default')?.status?.phase).toBe('Terminating')
  expect(cluster.store.list('deployments')).toEqual([])
  await waitUntil(() => cluster.store.get('namespaces', 'default') === undefined, 'the namespace to go')
  for (const plural of ['pods', 'replicasets', 'services', 'endpointslices', 'events'] as const) {
    expect(cluster.store.list(plural, 'default')).toEqual([])
  }
  expect(cluster.store.get('configmaps', 'kept', 'other')).toBeDefined()
})

test('Garbage: a terminating pod that never got a node is removed', async () => {
  await using cluster = new TestCluster({ nodes: 0 })
  cluster.store.create('pods', {
    metadata: { name: 'lost', namespace: 'default', deletionTimestamp: '2026-01-01T00:00:00Z' },
    spec: { containers: [] },
  })
  await waitUntil(() => cluster.store.list('pods').length === 0, 'the pod to go')
  expect(cluster.listMessages('FailedScheduling')).toEqual([])
})
