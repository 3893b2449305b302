import { expect, test } from 'vitest'
import { getControllerOf } from '../controllers/ownership.ts'
import { isRolledOut, TestCluster, waitUntil, createDeployment } from '../testing/test-controllers.ts'

async function createDeployed(cluster: TestCluster): Promise<void> {
  cluster.store.create('deployments', createDeployment())
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the first rollout')
  await cluster.settle()
}

test('ReplicaSet: a terminating pod is replaced at once', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 60 })
  await createDeployed(cluster)
  const [victim] = cluster.listPods()
  cluster.store.modify('pods', victim?.metadata.name ?? '', 'default', ({ metadata }) => {
    metadata.deletionTimestamp = new Date(Date.now() + 12_000).toISOString()
  })
  await waitUntil(() => cluster.listPods().length === 3 && cluster.store.list('pods').length === 4, 'the replacement')
  const [set] = cluster.store.list('replicasets')
  expect(set?.status?.replicas).toBe(3)
})

test('ReplicaSet: a failed pod is no replica and stays for a look at it', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster)
  const [failed] = cluster.listPods()
  cluster.store.modify('pods', failed?.metadata.name ?? '', 'default', (draft) => {
    draft.status = { ...draft.status, phase: 'Failed', conditions: [] }
  })
  await cluster.settle()
  expect(cluster.listPods()).toHaveLength(3)
  expect(cluster.store.get('pods', failed?.metadata.name ?? '', 'default')).toBeDefined()
})

test('ReplicaSet: pods are released and adopted by their labels', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster)
  const name = cluster.listPods()[0]?.metadata.name ?? ''
  const labels = cluster.listPods()[0]?.metadata.labels ?? {}
  cluster.store.modify('pods', name, 'default', ({ metadata }) => (metadata.labels = { app: 'isolated' }))
  await cluster.settle()
  const released = cluster.store.read('pods', name, 'default')
  expect(released.metadata.deletionTimestamp).toBeUndefined()
  expect(getControllerOf(released)).toBeUndefined()
  expect(cluster.listPods()).toHaveLength(4)
  cluster.store.modify('pods', name, 'default', ({ metadata }) => (metadata.labels = labels))
  await cluster.settle()
  // Now there is one too many.
  expect(cluster.listPods()).toHaveLength(3)
})

test('ReplicaSet: a failed creation is in an Event and in the status', async () => {
  await using cluster = new TestCluster()
  const create = cluster.store.create.bind(cluster.store)
  cluster.store.create = (plural, object, options) => {
    if (plural === 'pods') throw new Error('exceeded quota')
    return create(plural, object, options)
  }
  cluster.store.create('deployments', createDeployment())
  await waitUntil(() => cluster.errors.length > 1, 'two attempts')
  expect(cluster.listMessages('FailedCreate')).toEqual(['Error creating: Error: exceeded quota'])
  const failure = expect.objectContaining({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }) as object
  expect(cluster.store.list('replicasets')[0]?.status?.conditions).toEqual([failure])
  expect(cluster.readDeployment().status?.conditions).toContainEqual(failure)
  cluster.store.create = create
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the rollout')
  await cluster.settle()
  expect(
    cluster
      .readDeployment()
      .status?.conditions?.map(({ type }) => type)
      .sort(),
  ).toEqual(['Available', 'Progressing'])
  expect(String(cluster.errors.splice(0)[0])).toContain('replicaset-controller could not sync default/web-')
})
