import { expect, test } from 'vitest'
import type { Job, Pod, Stored } from '../store/objects.ts'
import { generateSelector } from '../validation/job.ts'
import { applyDefaults } from '../schema/defaults.ts'
import { formatIndexes, getCompletionIndex, parseIndexes } from './job-indexes.ts'
import { TestCluster, waitUntil } from '../testing/test-controllers.ts'

type Spec = Partial<NonNullable<Job['spec']>>

function createJob(cluster: TestCluster, spec: Spec): void {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'driver' }] } }
  const readJob: Job = { metadata: { name: 'drivers', namespace: 'default' }, spec: { template, ...spec } }
  applyDefaults('jobs', readJob)
  generateSelector(readJob)
  cluster.store.create('jobs', readJob)
}

const createIndexedSpec = (completions: number, more: Spec = {}): Spec => ({
  completionMode: 'Indexed',
  completions,
  parallelism: completions,
  ...more,
})
const readJob = (cluster: TestCluster): Stored<Job> => cluster.store.read('jobs', 'drivers', 'default')
const listConditions = (cluster: TestCluster): string[] =>
  readJob(cluster).status?.conditions?.map(({ type }) => type) ?? []
const listPodsByIndex = (cluster: TestCluster, index: number): Stored<Pod>[] =>
  cluster.store.list('pods').filter((pod) => getCompletionIndex(pod) === index)

function finishPod(cluster: TestCluster, index: number, phase: 'Succeeded' | 'Failed'): void {
  for (const { metadata } of listPodsByIndex(cluster, index)) {
    cluster.store.modify('pods', metadata.name, 'default', (draft) => {
      draft.status = { ...draft.status, phase, conditions: [] }
    })
  }
}

async function waitForRunningPods(cluster: TestCluster, count: number): Promise<void> {
  await waitUntil(() => readJob(cluster).status?.ready === count, `${count} ready pods`)
}

test('Job: an indexed one starts a pod an index, which knows it', async () => {
  await using cluster = new TestCluster()
  createJob(cluster, createIndexedSpec(3))
  await waitForRunningPods(cluster, 3)
  const pods = cluster.listPods().sort((a, b) => getCompletionIndex(a) - getCompletionIndex(b))
  expect(pods.map(getCompletionIndex)).toEqual([0, 1, 2])
  expect(pods.map(({ metadata }) => metadata.name.replace(/-[^-]+$/, ''))).toEqual([0, 1, 2].map((n) => `drivers-${n}`))
  expect(pods.map(({ metadata }) => metadata.labels?.['batch.kubernetes.io/job-name'])).toEqual(
    Array(3).fill('drivers'),
  )
  expect(pods[1]?.spec?.hostname).toBe('drivers-1')
  expect(pods[1]?.spec?.containers[0]?.env).toEqual([
    {
      name: 'JOB_COMPLETION_INDEX',
      valueFrom: {
        fieldRef: { apiVersion: 'v1', fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" },
      },
    },
  ])
  expect(readJob(cluster).status).toMatchObject({ active: 3, ready: 3, terminating: 0 })
})

test('Job: it is complete when every index has succeeded once', async () => {
  await using cluster = new TestCluster()
  createJob(cluster, createIndexedSpec(3))
  await waitForRunningPods(cluster, 3)
  finishPod(cluster, 0, 'Succeeded')
  finishPod(cluster, 2, 'Succeeded')
  await waitUntil(() => readJob(cluster).status?.succeeded === 2)
  expect(readJob(cluster).status).toMatchObject({ active: 1, completedIndexes: '0,2' })
  expect(listConditions(cluster)).toEqual([])
  finishPod(cluster, 1, 'Succeeded')
  await waitUntil(() => listConditions(cluster).includes('Complete'))
  expect(listConditions(cluster)).toEqual(['SuccessCriteriaMet', 'Complete'])
  expect(readJob(cluster).status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' })
  expect(readJob(cluster).status?.completionTime).toBeDefined()
  expect(cluster.listMessages('Completed')).toEqual(['Job completed'])
})

test('Job: with backoffLimit 0 the first failure ends it', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 30 })
  createJob(cluster, createIndexedSpec(3, { backoffLimit: 0 }))
  await waitForRunningPods(cluster, 3)
  finishPod(cluster, 1, 'Failed')
  await waitUntil(() => listConditions(cluster).includes('FailureTarget'))
  expect(cluster.listPods()).toEqual([])
  expect(listConditions(cluster)).toEqual(['FailureTarget'])
  await waitUntil(() => listConditions(cluster).includes('Failed'))
  expect(cluster.listMessages('BackoffLimitExceeded')).toEqual(['Job has reached the specified backoff limit'])
  expect(readJob(cluster).status?.failed).toBe(3)
})

test('Job: with backoffLimitPerIndex 0 other indexes go on', async () => {
  await using cluster = new TestCluster()
  createJob(cluster, createIndexedSpec(3, { backoffLimitPerIndex: 0 }))
  await waitForRunningPods(cluster, 3)
  finishPod(cluster, 1, 'Failed')
  await waitUntil(() => readJob(cluster).status?.failedIndexes === '1')
  await cluster.settle()
  expect(
    cluster
      .listPods()
      .map(getCompletionIndex)
      .sort((a, b) => a - b),
  ).toEqual([0, 2])
  expect(listConditions(cluster)).toEqual([])
  finishPod(cluster, 0, 'Succeeded')
  finishPod(cluster, 2, 'Succeeded')
  await waitUntil(() => listConditions(cluster).includes('Failed'))
  expect(cluster.listMessages('FailedIndexes')).toEqual(['Job has failed indexes'])
  expect(readJob(cluster).status).toMatchObject({
    succeeded: 2,
    failed: 1,
    completedIndexes: '0,2',
    failedIndexes: '1',
  })
})

test('Job: a deleted pod counts as failed and is held until counted', async () => {
  await using cluster = new TestCluster()
  createJob(cluster, createIndexedSpec(2, { backoffLimitPerIndex: 0 }))
  await waitForRunningPods(cluster, 2)
  const [victim] = listPodsByIndex(cluster, 0)
  expect(victim?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking'])
  cluster.store.modify('pods', victim?.metadata.name ?? '', 'default', ({ metadata }) => {
    Object.assign(metadata, { deletionTimestamp: new Date().toISOString(), deletionGracePeriodSeconds: 0 })
  })
  await waitUntil(() => readJob(cluster).status?.failed === 1)
  await waitUntil(() => listPodsByIndex(cluster, 0).length === 0, 'the pod to go')
  expect(readJob(cluster).status).toMatchObject({ active: 1, failed: 1, failedIndexes: '0' })
})

test('Job: without indexes parallelism and completions count', async () => {
  await using cluster = new TestCluster()
  createJob(cluster, { completions: 3, parallelism: 2 })
  await waitForRunningPods(cluster, 2)
  for (let done = 1; done <= 3; done++) {
    const [pod] = cluster.listReadyPods()
    cluster.store.modify('pods', pod?.metadata.name ?? '', 'default', (draft) => {
      draft.status = { ...draft.status, phase: 'Succeeded', conditions: [] }
    })
    await waitUntil(() => readJob(cluster).status?.succeeded === done)
    await cluster.settle()
    expect(cluster.listPods()).toHaveLength(Math.min(2, 3 - done))
  }
  expect(listConditions(cluster)).toContain('Complete')
})

test('Job: a failed pod is not replaced before its back-off is over', async () => {
  await using cluster = new TestCluster()
  createJob(cluster, { parallelism: 1 })
  await waitForRunningPods(cluster, 1)
  finishPod(cluster, -1, 'Failed')
  await waitUntil(() => readJob(cluster).status?.failed === 1)
  await cluster.settle()
  expect(cluster.listPods()).toEqual([])
  expect(listConditions(cluster)).toEqual([])
})

test('Job: the pods of a deleted Job lose their finalizer', async () => {
  await using cluster = new TestCluster()
  createJob(cluster, createIndexedSpec(2))
  await waitForRunningPods(cluster, 2)
  const held: unknown[] = []
  cluster.store.watch('pods', ({ type, object }) => type === 'DELETED' && held.push(object.metadata.finalizers))
  cluster.store.remove('jobs', 'drivers', 'default')
  await waitUntil(() => held.length === 2, 'the pods to go')
  expect(held).toEqual([[], []])
})

test('Job: indexes are formatted as ranges and parsed again', () => {
  const cases: [number[], string][] = [
    [[], ''],
    [[4], '4'],
    [[1, 0], '0,1'],
    [[1, 3, 4, 5, 7], '1,3-5,7'],
  ]
  for (const [indexes, text] of cases) {
    expect(formatIndexes(indexes)).toBe(text)
    expect([...parseIndexes(text)]).toEqual(indexes.toSorted((a, b) => a - b))
  }
})
