import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ReplicaSet, Stored } from '../store/objects.ts'
import { rolledOut, TestCluster, until, web } from '../testing/test-controllers.ts'

function sizes(cluster: TestCluster): (number | undefined)[] {
  return cluster.store.list('replicasets').map((set) => set.spec?.replicas)
}

function revision(set: Stored<ReplicaSet> | undefined): string | undefined {
  return set?.metadata.annotations?.['deployment.kubernetes.io/revision']
}

async function deployed(cluster: TestCluster, spec: Parameters<typeof web>[0] = {}): Promise<void> {
  cluster.store.create('deployments', web(spec))
  await until(() => rolledOut(cluster.deployment()), 'the first rollout')
  await cluster.settle()
}

/** A template whose pods never become ready. */
function breakTemplate(cluster: TestCluster, revision = 'broken'): void {
  cluster.change(({ template }) => {
    template.metadata = { ...template.metadata, annotations: { 'test/never-ready': '', revision } }
  })
}

test('a rollout that does not become ready stops at its surge and keeps the old pods', async () => {
  await using cluster = new TestCluster()
  await deployed(cluster, { replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } })
  breakTemplate(cluster)
  await cluster.settle()
  expect(sizes(cluster)).toEqual([3, 2])
  expect(cluster.readyPods()).toHaveLength(3)
  expect(cluster.deployment().status).toMatchObject({ replicas: 5, updatedReplicas: 2, unavailableReplicas: 2 })
})

test('going back to an earlier template revives its ReplicaSet under a new revision', async () => {
  await using cluster = new TestCluster()
  await deployed(cluster)
  const template = cluster.deployment().spec?.template
  breakTemplate(cluster)
  await cluster.settle()
  cluster.change((spec) => {
    if (template) spec.template = structuredClone(template)
  })
  await until(() => rolledOut(cluster.deployment()), 'the way back')
  await cluster.settle()
  const [first, broken] = cluster.store.list('replicasets')
  expect(sizes(cluster)).toEqual([3, 0])
  expect([revision(first), revision(broken)]).toEqual(['3', '2'])
  expect(first?.metadata.annotations?.['deployment.kubernetes.io/revision-history']).toBe('1')
  expect(cluster.deployment().metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
})

test('old pods that are not ready go first', async () => {
  await using cluster = new TestCluster()
  await deployed(cluster, { replicas: 3, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } })
  const sick = cluster.pods()[1]?.metadata.name ?? ''
  cluster.setReady(sick, false)
  await cluster.settle()
  const ready = cluster.readyPods().map((pod) => pod.metadata.name)
  breakTemplate(cluster)
  await cluster.settle()
  expect(cluster.store.get('pods', sick, 'default')).toBeUndefined()
  expect(cluster.readyPods().map((pod) => pod.metadata.name)).toEqual(ready)
})

test('scaling in the middle of a rollout keeps the proportion of old and new', async () => {
  await using cluster = new TestCluster()
  await deployed(cluster, { replicas: 10, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } })
  breakTemplate(cluster)
  await cluster.settle()
  expect(sizes(cluster)).toEqual([8, 5])
  // https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling: 10 → 15 gives 11 and 7.
  cluster.change((spec) => (spec.replicas = 15))
  await cluster.settle()
  expect(sizes(cluster)).toEqual([11, 7])
})

test('a scale-down says so, and lets the other pods alone', async () => {
  await using cluster = new TestCluster()
  await deployed(cluster, { replicas: 4 })
  const before = cluster.pods().map((pod) => pod.metadata.uid)
  cluster.change((spec) => (spec.replicas = 1))
  await cluster.settle()
  const [set] = cluster.store.list('replicasets')
  expect(before).toContain(cluster.pods()[0]?.metadata.uid)
  expect(cluster.pods()).toHaveLength(1)
  expect(cluster.messages('ScalingReplicaSet').at(-1)).toBe(`Scaled down replica set ${set?.metadata.name} from 4 to 1`)
  expect(cluster.messages('SuccessfulDelete')).toHaveLength(3)
})

test('a paused Deployment is scaled but does not roll, and rolls when it is resumed', async () => {
  await using cluster = new TestCluster()
  await deployed(cluster)
  cluster.change((spec) => (spec.paused = true))
  cluster.restart('2')
  cluster.change((spec) => (spec.replicas = 5))
  await cluster.settle()
  expect(sizes(cluster)).toEqual([5])
  const conditions = cluster.deployment().status?.conditions
  expect(conditions?.find(({ type }) => type === 'Progressing')).toMatchObject({
    status: 'Unknown',
    reason: 'DeploymentPaused',
  })
  cluster.change((spec) => (spec.paused = false))
  await until(() => rolledOut(cluster.deployment()) && sizes(cluster).length === 2, 'the rollout')
  await cluster.settle()
  expect(sizes(cluster)).toEqual([0, 5])
})

test('revisions beyond the limit are deleted, the oldest first', async () => {
  await using cluster = new TestCluster()
  await deployed(cluster, { replicas: 1, revisionHistoryLimit: 2 })
  for (const round of ['2', '3', '4', '5']) {
    cluster.restart(round)
    await until(() => revision(cluster.store.list('replicasets').at(-1)) === round, `revision ${round}`)
    await until(() => rolledOut(cluster.deployment()), `rollout ${round}`)
    await cluster.settle()
  }
  expect(cluster.store.list('replicasets').map(revision)).toEqual(['3', '4', '5'])
})

test('a rollout without progress for its deadline says so, and only then', async () => {
  await using cluster = new TestCluster()
  await deployed(cluster, { progressDeadlineSeconds: 1 })
  breakTemplate(cluster)
  await cluster.settle()
  const reason = (): string | undefined =>
    cluster.deployment().status?.conditions?.find(({ type }) => type === 'Progressing')?.reason
  expect(reason()).toBe('ReplicaSetUpdated')
  await until(() => reason() === 'ProgressDeadlineExceeded', 'the deadline')
  const name = cluster.store.list('replicasets').at(-1)?.metadata.name
  expect(cluster.deployment().status?.conditions).toContainEqual(
    expect.objectContaining({ status: 'False', message: `ReplicaSet "${name}" has timed out progressing.` }),
  )
})

test('pods count as available only when they have been ready for minReadySeconds', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('deployments', web({ minReadySeconds: 2 }))
  await until(() => cluster.deployment().status?.readyReplicas === 3, 'three ready pods')
  expect(cluster.deployment().status?.availableReplicas).toBeUndefined()
  await sleep(900)
  expect(cluster.deployment().status?.availableReplicas).toBeUndefined()
  await until(() => rolledOut(cluster.deployment()), 'three available pods')
})

test('a name that is taken by another ReplicaSet is not used, and the next hash is', async () => {
  await using cluster = new TestCluster()
  await deployed(cluster)
  const [set] = cluster.store.list('replicasets')
  await using other = new TestCluster()
  other.store.create('replicasets', { metadata: { name: set?.metadata.name ?? '', namespace: 'default' } })
  other.store.create('deployments', web())
  await until(() => rolledOut(other.deployment()), 'the rollout')
  expect(other.deployment().status?.collisionCount).toBe(1)
  expect(other.errors.splice(0).map(String)).toEqual([expect.stringContaining('already exists')])
})

test('a change of metadata alone rolls nothing', async () => {
  await using cluster = new TestCluster()
  await deployed(cluster)
  const before = cluster.pods().map((pod) => pod.metadata.uid)
  cluster.store.modify('deployments', 'web', 'default', ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, note: 'changed' }
  })
  await cluster.settle()
  expect(cluster.pods().map((pod) => pod.metadata.uid)).toEqual(before)
  expect(cluster.store.list('replicasets')[0]?.metadata.annotations?.note).toBe('changed')
})
