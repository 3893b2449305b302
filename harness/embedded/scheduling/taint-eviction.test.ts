import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { PodSpec } from '../store/objects.ts'
import { TestCluster, waitUntil } from '../testing/test-controllers.ts'

const gone = { key: 'gone', value: 'yes', effect: 'NoExecute' }

/** A cluster of one node with a running pod for each spec, and their fate once the node is tainted. */
async function createTaintedCluster(specs: Record<string, Partial<PodSpec>>, taint = gone): Promise<TestCluster> {
  // Pods stay in their last state.
  const cluster = new TestCluster({ nodes: 1, goneAfterMs: 60_000 })
  for (const [name, spec] of Object.entries(specs)) {
    cluster.store.create('pods', { metadata: { name, namespace: 'default' }, spec: { containers: [], ...spec } })
  }
  await waitUntil(() => cluster.listReadyPods().length === Object.keys(specs).length, 'the pods')
  cluster.store.modify('nodes', 'node-1', '', (node) => {
    node.spec = { ...node.spec, taints: [taint] }
  })
  await sleep(30)
  return cluster
}

const listLeavingPods = ({ store }: TestCluster): string[] =>
  store
    .list('pods')
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
    .map(({ metadata }) => metadata.name)

test('Taints: NoExecute evicts pods without a toleration', async () => {
  const toleration = { key: 'gone', operator: 'Exists' }
  await using cluster = await createTaintedCluster({
    plain: {},
    tolerant: { tolerations: [toleration] },
    other: { tolerations: [{ ...toleration, effect: 'NoSchedule' }] },
    patient: { tolerations: [{ ...toleration, effect: 'NoExecute', tolerationSeconds: 60 }] },
  })
  expect(listLeavingPods(cluster)).toEqual(['plain', 'other'])
  const { status } = cluster.store.read('pods', 'plain', 'default')
  expect(status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }),
  )
  expect(cluster.store.list('events').map(({ message }) => message)).toContain('Marking for deletion Pod default/plain')
})

test('Taints: of several tolerationSeconds the shortest counts', async () => {
  const createToleration = (tolerationSeconds: number): NonNullable<PodSpec['tolerations']>[number] => ({
    key: 'gone',
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds,
  })
  await using cluster = await createTaintedCluster({
    none: { tolerations: [createToleration(60), createToleration(0)] },
  })
  expect(listLeavingPods(cluster)).toEqual(['none'])
})

test('Taints: other effects evict no pods', async () => {
  await using cluster = await createTaintedCluster({ plain: {} }, { ...gone, effect: 'NoSchedule' })
  expect(listLeavingPods(cluster)).toEqual([])
})
