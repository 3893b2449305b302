import { expect, test } from 'vitest'
import type { Job, Pod, Stored } from '../store/objects.ts'
import { markAsOwn } from '../validation/job.ts'
import { applyDefaults } from '../schema/defaults.ts'
import { formatIndexes, indexOf, parseIndexes } from './job-indexes.ts'
import { TestCluster, until } from '../testing/test-controllers.ts'

type Spec = Partial<NonNullable<Job['spec']>>

function created(cluster: TestCluster, spec: Spec): void {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'driver' }] } }
  const job: Job = { metadata: { name: 'drivers', namespace: 'default' }, spec: { template, ...spec } }
  applyDefaults('jobs', job)
  markAsOwn(job)
  cluster.store.create('jobs', job)
}

const indexed = (completions: number, more: Spec = {}): Spec => ({
  completionMode: 'Indexed',
  completions,
  parallelism: completions,
  ...more,
})
const job = (cluster: TestCluster): Stored<Job> => cluster.store.read('jobs', 'drivers', 'default')
const conditions = (cluster: TestCluster): string[] => job(cluster).status?.conditions?.map(({ type }) => type) ?? []
const byIndex = (cluster: TestCluster, index: number): Stored<Pod>[] =>
  cluster.store.list('pods').filter((pod) => indexOf(pod) === index)

function end(cluster: TestCluster, index: number, phase: 'Succeeded' | 'Failed'): void {
  for (const { metadata } of byIndex(cluster, index)) {
    cluster.store.modify('pods', metadata.name, 'default', (draft) => {
      draft.status = { ...draft.status, phase, conditions: [] }
    })
  }
}

async function running(cluster: TestCluster, count: number): Promise<void> {
  await until(() => job(cluster).status?.ready === count, `${count} ready pods`)
}

test('an indexed Job starts one pod for each index, which is told its own', async () => {
  await using cluster = new TestCluster()
  created(cluster, indexed(3))
  await running(cluster, 3)
  const pods = cluster.pods().sort((a, b) => indexOf(a) - indexOf(b))
  expect(pods.map(indexOf)).toEqual([0, 1, 2])
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
  expect(job(cluster).status).toMatchObject({ active: 3, ready: 3, terminating: 0 })
})

test('it is complete when every index has succeeded once', async () => {
  await using cluster = new TestCluster()
  created(cluster, indexed(3))
  await running(cluster, 3)
  end(cluster, 0, 'Succeeded')
  end(cluster, 2, 'Succeeded')
  await until(() => job(cluster).status?.succeeded === 2)
  expect(job(cluster).status).toMatchObject({ active: 1, completedIndexes: '0,2' })
  expect(conditions(cluster)).toEqual([])
  end(cluster, 1, 'Succeeded')
  await until(() => conditions(cluster).includes('Complete'))
  expect(conditions(cluster)).toEqual(['SuccessCriteriaMet', 'Complete'])
  expect(job(cluster).status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' })
  expect(job(cluster).status?.completionTime).toBeDefined()
  expect(cluster.messages('Completed')).toEqual(['Job completed'])
})

test('with no failure allowed the first one ends the others and fails the Job', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 30 })
  created(cluster, indexed(3, { backoffLimit: 0 }))
  await running(cluster, 3)
  end(cluster, 1, 'Failed')
  await until(() => conditions(cluster).includes('FailureTarget'))
  expect(cluster.pods()).toEqual([])
  expect(conditions(cluster)).toEqual(['FailureTarget'])
  await until(() => conditions(cluster).includes('Failed'))
  expect(cluster.messages('BackoffLimitExceeded')).toEqual(['Job has reached the specified backoff limit'])
  expect(job(cluster).status?.failed).toBe(3)
})

test('with no failure allowed to an index the others go on, and the Job fails when they are done', async () => {
  await using cluster = new TestCluster()
  created(cluster, indexed(3, { backoffLimitPerIndex: 0 }))
  await running(cluster, 3)
  end(cluster, 1, 'Failed')
  await until(() => job(cluster).status?.failedIndexes === '1')
  await cluster.settle()
  expect(
    cluster
      .pods()
      .map(indexOf)
      .sort((a, b) => a - b),
  ).toEqual([0, 2])
  expect(conditions(cluster)).toEqual([])
  end(cluster, 0, 'Succeeded')
  end(cluster, 2, 'Succeeded')
  await until(() => conditions(cluster).includes('Failed'))
  expect(cluster.messages('FailedIndexes')).toEqual(['Job has failed indexes'])
  expect(job(cluster).status).toMatchObject({ succeeded: 2, failed: 1, completedIndexes: '0,2', failedIndexes: '1' })
})

test('a pod that is deleted counts as failed, and is held until it has been counted', async () => {
  await using cluster = new TestCluster()
  created(cluster, indexed(2, { backoffLimitPerIndex: 0 }))
  await running(cluster, 2)
  const [victim] = byIndex(cluster, 0)
  expect(victim?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking'])
  cluster.store.modify('pods', victim?.metadata.name ?? '', 'default', ({ metadata }) => {
    Object.assign(metadata, { deletionTimestamp: new Date().toISOString(), deletionGracePeriodSeconds: 0 })
  })
  await until(() => job(cluster).status?.failed === 1)
  await until(() => byIndex(cluster, 0).length === 0, 'the pod to go')
  expect(job(cluster).status).toMatchObject({ active: 1, failed: 1, failedIndexes: '0' })
})

test('without indexes as many pods run as may, until as many have succeeded as must', async () => {
  await using cluster = new TestCluster()
  created(cluster, { completions: 3, parallelism: 2 })
  await running(cluster, 2)
  for (let done = 1; done <= 3; done++) {
    const [pod] = cluster.readyPods()
    cluster.store.modify('pods', pod?.metadata.name ?? '', 'default', (draft) => {
      draft.status = { ...draft.status, phase: 'Succeeded', conditions: [] }
    })
    await until(() => job(cluster).status?.succeeded === done)
    await cluster.settle()
    expect(cluster.pods()).toHaveLength(Math.min(2, 3 - done))
  }
  expect(conditions(cluster)).toContain('Complete')
})

test('a failed pod is not replaced before its back-off is over', async () => {
  await using cluster = new TestCluster()
  created(cluster, { parallelism: 1 })
  await running(cluster, 1)
  end(cluster, -1, 'Failed')
  await until(() => job(cluster).status?.failed === 1)
  await cluster.settle()
  expect(cluster.pods()).toEqual([])
  expect(conditions(cluster)).toEqual([])
})

test('the pods of a Job that is gone are held by nobody', async () => {
  await using cluster = new TestCluster()
  created(cluster, indexed(2))
  await running(cluster, 2)
  const held: unknown[] = []
  cluster.store.watch('pods', ({ type, object }) => type === 'DELETED' && held.push(object.metadata.finalizers))
  cluster.store.remove('jobs', 'drivers', 'default')
  await until(() => held.length === 2, 'the pods to go')
  expect(held).toEqual([[], []])
})

test('indexes are written as the shortest list and read again', () => {
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
