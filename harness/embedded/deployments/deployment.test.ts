import { expect, test } from 'vitest'
import type { Deployment } from '../store/objects.ts'
import { resolveRolloutSettings } from './deployment-settings.ts'
import { isRolledOut, TestCluster, waitUntil, createDeployment } from '../testing/test-controllers.ts'

type Strategy = NonNullable<NonNullable<Deployment['spec']>['strategy']>

function getProgressingCondition(
  deployment: Deployment,
): { status: string; reason?: string; message?: string } | undefined {
  return deployment.status?.conditions?.find(({ type }) => type === 'Progressing')
}

test('Deployment: a new one gets one ReplicaSet with its hash', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('deployments', createDeployment())
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the rollout')
  const [set, ...others] = cluster.store.list('replicasets')
  expect(others).toEqual([])
  const hash = set?.metadata.labels?.['pod-template-hash'] ?? ''
  expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{6,10}$/)
  expect(set?.metadata.name).toBe(`web-${hash}`)
  expect(set?.spec?.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash })
  expect(set?.metadata.annotations).toEqual({
    'deployment.kubernetes.io/revision': '1',
    'deployment.kubernetes.io/desired-replicas': '3',
    'deployment.kubernetes.io/max-replicas': '4',
  })
  expect(cluster.readDeployment().metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1')
  expect(cluster.listPods()).toHaveLength(3)
  for (const pod of cluster.listPods()) {
    expect(pod.metadata.name).toMatch(new RegExp(`^web-${hash}-[bcdfghjklmnpqrstvwxz2456789]{5}$`))
    expect(pod.metadata.labels).toEqual({ app: 'web', 'pod-template-hash': hash })
    expect(pod.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: set?.metadata.name,
        uid: set?.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ])
  }
  expect(new Set(cluster.listPods().map((pod) => pod.spec?.nodeName)).size).toBe(3)
  expect(cluster.listMessages('ScalingReplicaSet')).toEqual([`Scaled up replica set web-${hash} from 0 to 3`])
})

test('Deployment: the status is as kubectl rollout status reads it', async () => {
  await using cluster = new TestCluster()
  const reasons: (string | undefined)[] = []
  cluster.store.watch('deployments', ({ object }) => {
    const { reason } = getProgressingCondition(object) ?? {}
    if (reason !== reasons.at(-1)) reasons.push(reason)
  })
  cluster.store.create('deployments', createDeployment())
  await waitUntil(
    () => getProgressingCondition(cluster.readDeployment())?.reason === 'NewReplicaSetAvailable',
    'the rollout',
  )
  await cluster.settle()
  expect(reasons).toEqual(['NewReplicaSetCreated', 'ReplicaSetUpdated', 'NewReplicaSetAvailable'])
  const { status } = cluster.readDeployment()
  const [set] = cluster.store.list('replicasets')
  expect(status).toEqual({
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    conditions: [
      {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
        lastTransitionTime: expect.any(String) as string,
        lastUpdateTime: expect.any(String) as string,
      },
      {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `ReplicaSet "${set?.metadata.name}" has successfully progressed.`,
        lastTransitionTime: expect.any(String) as string,
        lastUpdateTime: expect.any(String) as string,
      },
    ],
  })
})

test.each<[number, string | number, string | number, { maxSurge: number; maxUnavailable: number }]>([
  [3, 1, 0, { maxSurge: 1, maxUnavailable: 0 }],
  [3, '25%', '25%', { maxSurge: 1, maxUnavailable: 0 }],
  [4, '25%', '25%', { maxSurge: 1, maxUnavailable: 1 }],
  [10, '25%', '25%', { maxSurge: 3, maxUnavailable: 2 }],
  [10, '30%', 0, { maxSurge: 3, maxUnavailable: 0 }],
  [3, 0, 0, { maxSurge: 0, maxUnavailable: 1 }],
  [3, '0%', '10%', { maxSurge: 0, maxUnavailable: 1 }],
  [3, 0, 5, { maxSurge: 0, maxUnavailable: 3 }],
  [1, '100%', '0%', { maxSurge: 1, maxUnavailable: 0 }],
  [100, '7%', '7%', { maxSurge: 7, maxUnavailable: 7 }],
  [0, '25%', '25%', { maxSurge: 0, maxUnavailable: 0 }],
])('%i replicas with surge %s and unavailable %s come to %j', (replicas, surge, unavailable, bounds) => {
  const deployment = createDeployment({
    replicas,
    strategy: { rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } },
  })
  expect(resolveRolloutSettings(deployment)).toMatchObject(bounds)
})

test.each<[number, NonNullable<Strategy['rollingUpdate']>]>([
  [3, { maxSurge: 1, maxUnavailable: 0 }],
  [3, { maxSurge: 0, maxUnavailable: 1 }],
  [4, { maxSurge: '25%', maxUnavailable: '25%' }],
  [5, { maxSurge: '50%', maxUnavailable: 0 }],
  [5, { maxSurge: 0, maxUnavailable: 0 }],
  [3, { maxSurge: '100%', maxUnavailable: '100%' }],
])(
  'a restart of %i replicas with %j stays within its bounds at every revision of the store',
  async (replicas, rollingUpdate) => {
    await using cluster = new TestCluster()
    const deployment = createDeployment({ replicas, strategy: { type: 'RollingUpdate', rollingUpdate } })
    const { maxSurge, maxUnavailable } = resolveRolloutSettings(deployment)
    cluster.store.create('deployments', deployment)
    await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the first rollout')
    await cluster.settle()
    let [most, fewest] = [0, Infinity]
    cluster.store.watch('pods', () => {
      most = Math.max(most, cluster.listPods().length)
      fewest = Math.min(fewest, cluster.listReadyPods().length)
    })
    const before = new Set(cluster.listPods().map((pod) => pod.metadata.uid))
    cluster.restartDeployment('2')
    await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the second rollout')
    await cluster.settle()
    expect(cluster.listPods().some((pod) => before.has(pod.metadata.uid))).toBe(false)
    expect(cluster.listReadyPods()).toHaveLength(replicas)
    expect(most).toBeLessThanOrEqual(replicas + maxSurge)
    expect(fewest).toBeGreaterThanOrEqual(replicas - maxUnavailable)
    // The controller also uses its margins: otherwise one that does nothing would pass.
    expect(most > replicas || fewest < replicas).toBe(true)
  },
)

test('Deployment: Recreate waits until terminating pods are gone', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 40 })
  cluster.store.create('deployments', createDeployment({ strategy: { type: 'Recreate' } }))
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the first rollout')
  const revisionsAtOnce: number[] = []
  cluster.store.watch('pods', () => {
    const owners = cluster.store.list('pods').map((pod) => pod.metadata.ownerReferences?.[0]?.uid)
    revisionsAtOnce.push(new Set(owners).size)
  })
  cluster.restartDeployment('2')
  await waitUntil(
    () => cluster.store.list('replicasets').length === 2 && isRolledOut(cluster.readDeployment()),
    'the second rollout',
  )
  expect(Math.max(...revisionsAtOnce)).toBe(1)
  expect(revisionsAtOnce).toContain(0)
})
