import { expect, test } from 'vitest'
import type { PodDisruptionBudget } from '../store/objects.ts'
import { isRolledOut, TestCluster, waitUntil, createDeployment } from '../testing/test-controllers.ts'

type Spec = NonNullable<PodDisruptionBudget['spec']>

function createBudget(spec: Spec): PodDisruptionBudget {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  }
}

function getBudgetStatus(cluster: TestCluster): PodDisruptionBudget['status'] {
  return cluster.store.get('poddisruptionbudgets', 'web', 'default')?.status
}

async function createDeployed(cluster: TestCluster, replicas: number): Promise<void> {
  cluster.store.create('deployments', createDeployment({ replicas }))
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the rollout')
  await cluster.settle()
}

test.each<[Spec, { desiredHealthy: number; disruptionsAllowed: number }]>([
  [{ minAvailable: 5 }, { desiredHealthy: 5, disruptionsAllowed: 2 }],
  [{ minAvailable: 7 }, { desiredHealthy: 7, disruptionsAllowed: 0 }],
  [{ minAvailable: 9 }, { desiredHealthy: 9, disruptionsAllowed: 0 }],
  [{ minAvailable: '50%' }, { desiredHealthy: 4, disruptionsAllowed: 3 }],
  [{ minAvailable: '100%' }, { desiredHealthy: 7, disruptionsAllowed: 0 }],
  [{ maxUnavailable: 1 }, { desiredHealthy: 6, disruptionsAllowed: 1 }],
  [{ maxUnavailable: 0 }, { desiredHealthy: 7, disruptionsAllowed: 0 }],
  [{ maxUnavailable: '30%' }, { desiredHealthy: 4, disruptionsAllowed: 3 }],
  [{ maxUnavailable: 20 }, { desiredHealthy: 0, disruptionsAllowed: 7 }],
])('7 healthy pods with %j', async (spec, expected) => {
  await using cluster = new TestCluster()
  cluster.store.create('poddisruptionbudgets', createBudget(spec))
  await createDeployed(cluster, 7)
  expect(getBudgetStatus(cluster)).toMatchObject({
    ...expected,
    currentHealthy: 7,
    expectedPods: 7,
    observedGeneration: 1,
  })
  const allowed = expected.disruptionsAllowed > 0
  expect(getBudgetStatus(cluster)?.conditions).toMatchObject([
    {
      type: 'DisruptionAllowed',
      status: allowed ? 'True' : 'False',
      reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    },
  ])
})

test('Budgets: expected pods are the Deployment’s, in a rollout too', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('poddisruptionbudgets', createBudget({ maxUnavailable: '50%' }))
  await createDeployed(cluster, 4)
  cluster.changeDeployment(({ template }) => {
    template.metadata = { ...template.metadata, annotations: { 'test/never-ready': '' } }
  })
  await cluster.settle()
  expect(cluster.listPods().length).toBeGreaterThan(4)
  expect(getBudgetStatus(cluster)).toMatchObject({
    expectedPods: 4,
    desiredHealthy: 2,
    currentHealthy: 3,
    disruptionsAllowed: 1,
  })
})

test('Budgets: an unready and a terminating pod are not healthy', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 2_000, readyAfterMs: 500 })
  cluster.store.create('poddisruptionbudgets', createBudget({ minAvailable: 1 }))
  cluster.store.create('deployments', createDeployment())
  await waitUntil(() => getBudgetStatus(cluster)?.currentHealthy === 3, 'three healthy pods')
  const [unready, terminating] = cluster.listPods().map(({ metadata }) => metadata.name)
  cluster.setReady(unready ?? '', false)
  cluster.store.modify('pods', terminating ?? '', 'default', ({ metadata }) => {
    metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  })
  await waitUntil(() => getBudgetStatus(cluster)?.currentHealthy === 1, 'one healthy pod')
  expect(getBudgetStatus(cluster)?.disruptionsAllowed).toBe(0)
})

test('Budgets: a budget without pods allows no disruption', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('poddisruptionbudgets', createBudget({ minAvailable: 0 }))
  await waitUntil(() => getBudgetStatus(cluster) !== undefined, 'a status')
  expect(getBudgetStatus(cluster)).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 })
})

test('Budgets: a granted eviction counts for two minutes at most', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('poddisruptionbudgets', createBudget({ maxUnavailable: 2 }))
  await createDeployed(cluster, 4)
  const [granted, forgotten] = cluster.listPods().map(({ metadata }) => metadata.name)
  cluster.store.modify('poddisruptionbudgets', 'web', 'default', (draft) => {
    if (!draft.status) return
    draft.status.disruptedPods = {
      [granted ?? '']: new Date().toISOString(),
      [forgotten ?? '']: new Date(Date.now() - 121_000).toISOString(),
      'already-gone': new Date().toISOString(),
    }
  })
  await waitUntil(() => getBudgetStatus(cluster)?.currentHealthy === 3, 'the eviction to count')
  expect(Object.keys(getBudgetStatus(cluster)?.disruptedPods ?? {})).toEqual([granted])
  expect(getBudgetStatus(cluster)?.disruptionsAllowed).toBe(1)
  expect(cluster.listMessages('NotDeleted')).toEqual([
    `Pod was expected by PDB default/web to be deleted but it wasn't`,
  ])
})
