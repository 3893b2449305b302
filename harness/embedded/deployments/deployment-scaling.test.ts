import { expect, test } from 'vitest'
import type { Deployment } from '../store/objects.ts'
import { Store } from '../store/store.ts'
import { scaleDeployment } from './deployment-scaling.ts'
import type { Rollout } from './deployment-scaling.ts'
import { syncRolloutStatus } from './deployment-status.ts'
import { createDeployment } from '../testing/test-controllers.ts'

/** An old and a current set of these sizes, last scaled for 10 replicas and no surge. */
function createRollout(store: Store, oldSize: number, currentSize: number, spec: Deployment['spec']): Rollout {
  const deployment = store.create('deployments', {
    ...createDeployment(),
    ...(spec && { spec: { ...createDeployment().spec, ...spec } }),
  })
  const [old, current] = [oldSize, currentSize].map((replicas, index) =>
    store.create('replicasets', {
      metadata: {
        name: `web-${index}`,
        namespace: 'default',
        annotations: { 'deployment.kubernetes.io/max-replicas': '10' },
      },
      spec: { replicas, selector: {} },
      status: { replicas },
    }),
  )
  return { deployment, current, old: old ? [old] : [] }
}

// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
test.each<[string, [number, number], number, [number, number]]>([
  ['of equal sets the newer grows first', [5, 5], 11, [5, 6]],
  ['of equal sets the older shrinks first', [5, 5], 9, [4, 5]],
  ['each keeps its share', [8, 2], 20, [16, 4]],
  ['what is left over goes to the largest', [3, 7], 12, [4, 8]],
  ['nothing is left of any', [3, 7], 0, [0, 0]],
])('%s: %j for %i replicas', (_rule, [old, current], replicas, expected) => {
  const store = new Store()
  const { selector, template } = createDeployment().spec ?? { selector: {}, template: {} }
  const strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }
  scaleDeployment(store, createRollout(store, old, current, { replicas, selector, template, strategy }))
  expect(store.list('replicasets').map(({ spec }) => spec?.replicas)).toEqual(expected)
})

test('Scaling: old pods that go are progress too, and renew the deadline', () => {
  const store = new Store()
  const start = createRollout(store, 2, 1, undefined)
  const long = '2020-01-01T00:00:00Z'
  const deployment = store.modify('deployments', 'web', 'default', (draft) => {
    const condition = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' }
    draft.status = {
      replicas: 4,
      updatedReplicas: 1,
      conditions: [{ ...condition, lastUpdateTime: long, lastTransitionTime: long }],
    }
  })
  syncRolloutStatus(store, { ...start, deployment }, { estimate: true })
  const progressing = store
    .read('deployments', 'web', 'default')
    .status?.conditions?.find((each) => each.type === 'Progressing')
  expect(progressing).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated', lastTransitionTime: long })
  expect(progressing?.lastUpdateTime).not.toBe(long)
})
