import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ReplicaSet, Stored } from '../store/objects.ts'
import { isRolledOut, TestCluster, waitUntil, createDeployment } from '../testing/test-controllers.ts'

function listSizes(cluster: TestCluster): (number | undefined)[] {
  return cluster.store.list('replicasets').map((set) => set.spec?.replicas)
}

function getRevision(set: Stored<ReplicaSet> | undefined): string | undefined {
  return set?.metadata.annotations?.['deployment.kubernetes.io/revision']
}

async function createDeployed(cluster: TestCluster, spec: Parameters<typeof createDeployment>[0] = {}): Promise<void> {
  cluster.store.create('deployments', createDeployment(spec))
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the first rollout')
  await cluster.settle()
}

/** A template whose pods never become ready. */
function breakTemplate(cluster: TestCluster, revision = 'broken'): void {
  cluster.changeDeployment(({ template }) => {
    template.metadata = { ...template.metadata, annotations: { 'test/never-ready': '', revision } }
  })
}

test('Rollout: without readiness it stops at its surge', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster, { replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } })
  breakTemplate(cluster)
  await cluster.settle()
  expect(listSizes(cluster)).toEqual([3, 2])
  expect(cluster.listReadyPods()).toHaveLength(3)
  expect(cluster.readDeployment().status).toMatchObject({ replicas: 5, updatedReplicas: 2, unavailableReplicas: 2 })
})

test('Rollout: an earlier template revives its ReplicaSet', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster)
  const template = cluster.readDeployment().spec?.template
  breakTemplate(cluster)
  await cluster.settle()
  cluster.changeDeployment((spec) => {
    if (template) spec.template = structuredClone(template)
  })
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the way back')
  await cluster.settle()
  const [first, broken] = cluster.store.list('replicasets')
  expect(listSizes(cluster)).toEqual([3, 0])
  expect([getRevision(first), getRevision(broken)]).toEqual(['3', '2'])
  expect(first?.metadata.annotations?.['deployment.kubernetes.io/revision-history']).toBe('1')
  expect(cluster.readDeployment().metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
})

test('Rollout: old pods that are not ready go first', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster, { replicas: 3, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } })
  const sick = cluster.listPods()[1]?.metadata.name ?? ''
  cluster.setReady(sick, false)
  await cluster.settle()
  const ready = cluster.listReadyPods().map((pod) => pod.metadata.name)
  breakTemplate(cluster)
  await cluster.settle()
  expect(cluster.store.get('pods', sick, 'default')).toBeUndefined()
  expect(cluster.listReadyPods().map((pod) => pod.metadata.name)).toEqual(ready)
})

test('Rollout: scaling meanwhile keeps the proportion of old and new', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster, { replicas: 10, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } })
  breakTemplate(cluster)
  await cluster.settle()
  expect(listSizes(cluster)).toEqual([8, 5])
  // https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling: 10 → 15 gives 11 and 7.
  cluster.changeDeployment((spec) => (spec.replicas = 15))
  await cluster.settle()
  expect(listSizes(cluster)).toEqual([11, 7])
})

test('Rollout: a scale-down has an Event and keeps the other pods', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster, { replicas: 4 })
  const before = cluster.listPods().map((pod) => pod.metadata.uid)
  cluster.changeDeployment((spec) => (spec.replicas = 1))
  await cluster.settle()
  const [set] = cluster.store.list('replicasets')
  expect(before).toContain(cluster.listPods()[0]?.metadata.uid)
  expect(cluster.listPods()).toHaveLength(1)
  expect(cluster.listMessages('ScalingReplicaSet').at(-1)).toBe(
    `Scaled down replica set ${set?.metadata.name} from 4 to 1`,
  )
  expect(cluster.listMessages('SuccessfulDelete')).toHaveLength(3)
})

test('Rollout: while paused it is scaled only', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster)
  cluster.changeDeployment((spec) => (spec.paused = true))
  cluster.restartDeployment('2')
  cluster.changeDeployment((spec) => (spec.replicas = 5))
  await cluster.settle()
  expect(listSizes(cluster)).toEqual([5])
  const conditions = cluster.readDeployment().status?.conditions
  expect(conditions?.find(({ type }) => type === 'Progressing')).toMatchObject({
    status: 'Unknown',
    reason: 'DeploymentPaused',
  })
  cluster.changeDeployment((spec) => (spec.paused = false))
  await waitUntil(() => isRolledOut(cluster.readDeployment()) && listSizes(cluster).length === 2, 'the rollout')
  await cluster.settle()
  expect(listSizes(cluster)).toEqual([0, 5])
})

test('Rollout: revisions beyond the limit are deleted, the oldest first', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster, { replicas: 1, revisionHistoryLimit: 2 })
  for (const round of ['2', '3', '4', '5']) {
    cluster.restartDeployment(round)
    await waitUntil(() => getRevision(cluster.store.list('replicasets').at(-1)) === round, `revision ${round}`)
    await waitUntil(() => isRolledOut(cluster.readDeployment()), `rollout ${round}`)
    await cluster.settle()
  }
  expect(cluster.store.list('replicasets').map(getRevision)).toEqual(['3', '4', '5'])
})

test('Rollout: ProgressDeadlineExceeded comes after the deadline', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster, { progressDeadlineSeconds: 1 })
  breakTemplate(cluster)
  await cluster.settle()
  const getProgressingReason = (): string | undefined =>
    cluster.readDeployment().status?.conditions?.find(({ type }) => type === 'Progressing')?.reason
  expect(getProgressingReason()).toBe('ReplicaSetUpdated')
  await waitUntil(() => getProgressingReason() === 'ProgressDeadlineExceeded', 'the deadline')
  const name = cluster.store.list('replicasets').at(-1)?.metadata.name
  expect(cluster.readDeployment().status?.conditions).toContainEqual(
    expect.objectContaining({ status: 'False', message: `ReplicaSet "${name}" has timed out progressing.` }),
  )
})

test('Rollout: pods are available after minReadySeconds', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('deployments', createDeployment({ minReadySeconds: 2 }))
  await waitUntil(() => cluster.readDeployment().status?.readyReplicas === 3, 'three ready pods')
  expect(cluster.readDeployment().status?.availableReplicas).toBeUndefined()
  await sleep(900)
  expect(cluster.readDeployment().status?.availableReplicas).toBeUndefined()
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'three available pods')
})

test('Rollout: a name that is taken leads to the next hash', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster)
  const [set] = cluster.store.list('replicasets')
  await using other = new TestCluster()
  other.store.create('replicasets', { metadata: { name: set?.metadata.name ?? '', namespace: 'default' } })
  other.store.create('deployments', createDeployment())
  await waitUntil(() => isRolledOut(other.readDeployment()), 'the rollout')
  expect(other.readDeployment().status?.collisionCount).toBe(1)
  expect(other.errors.splice(0).map(String)).toEqual([expect.stringContaining('already exists')])
})

test('Rollout: a change of metadata alone rolls nothing', async () => {
  await using cluster = new TestCluster()
  await createDeployed(cluster)
  const before = cluster.listPods().map((pod) => pod.metadata.uid)
  cluster.store.modify('deployments', 'web', 'default', ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, note: 'changed' }
  })
  await cluster.settle()
  expect(cluster.listPods().map((pod) => pod.metadata.uid)).toEqual(before)
  expect(cluster.store.list('replicasets')[0]?.metadata.annotations?.note).toBe('changed')
})
