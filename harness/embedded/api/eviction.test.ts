import { expect, test } from 'vitest'
import type { PodDisruptionBudget } from '../store/objects.ts'
import { createTestPod, startTestApi } from '../testing/test-api.ts'
import type { TestApi } from '../testing/test-api.ts'

const labels = { app: 'web' }
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] }

const evictPod = (api: TestApi, name: string, more: object = {}) =>
  api.ask(`/api/v1/namespaces/default/pods/${name}/eviction`, {
    method: 'POST',
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' }, ...more },
  })

type BudgetStatus = Partial<NonNullable<PodDisruptionBudget['status']>>

function addBudget(api: TestApi, status: BudgetStatus, spec: PodDisruptionBudget['spec'] = {}, name = 'budget'): void {
  const healthy = {
    currentHealthy: 1,
    desiredHealthy: 1,
    expectedPods: 1,
    disruptionsAllowed: 0,
    observedGeneration: 1,
  }
  api.store.create('poddisruptionbudgets', {
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: labels }, ...spec },
    status: { ...healthy, ...status },
  })
}

test('Eviction: marks and deletes a pod that no budget protects', async () => {
  await using api = await startTestApi()
  api.store.create('pods', createTestPod('a', { labels, status: ready }))
  const { code, body } = await evictPod(api, 'a', { deleteOptions: { gracePeriodSeconds: 7 } })
  expect([code, body.status]).toEqual([201, 'Success'])
  const { metadata, status } = api.store.read('pods', 'a', 'default')
  expect(metadata.deletionGracePeriodSeconds).toBe(7)
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }
  expect(status?.conditions).toContainEqual(expect.objectContaining(condition))
})

test('Eviction: spends the budget, records the pod, and refuses the next one', async () => {
  await using api = await startTestApi()
  for (const name of ['a', 'b']) api.store.create('pods', createTestPod(name, { labels, status: ready }))
  addBudget(api, { disruptionsAllowed: 1, currentHealthy: 2 })
  expect((await evictPod(api, 'a', { deleteOptions: { dryRun: ['All'] } })).code).toBe(201)
  expect((await evictPod(api, 'a')).code).toBe(201)
  const { status } = api.store.read('poddisruptionbudgets', 'budget', 'default')
  expect(status).toMatchObject({ disruptionsAllowed: 0, disruptedPods: { a: expect.any(String) as unknown } })
  const { code, body } = await evictPod(api, 'b')
  expect(code).toBe(429)
  expect(body).toMatchObject({
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget budget needs 1 healthy pods and has 2 currently',
        },
      ],
    },
  })
  expect(api.store.read('pods', 'b', 'default').metadata.deletionTimestamp).toBeUndefined()
})

test('Eviction: asks to come back while the budget is still being processed', async () => {
  await using api = await startTestApi()
  api.store.create('pods', createTestPod('a', { labels, status: ready }))
  addBudget(api, { disruptionsAllowed: 5, observedGeneration: 0 })
  const { code, headers, body } = await evictPod(api, 'a')
  expect([code, headers['retry-after']]).toEqual([429, '10'])
  expect(body.details?.causes?.[0]?.message).toBe(
    'The disruption budget budget is still being processed by the server.',
  )
})

test('Eviction: pods that do not serve need no budget', async () => {
  await using api = await startTestApi()
  addBudget(api, {})
  for (const phase of ['Pending', 'Failed', 'Succeeded']) {
    const name = phase.toLowerCase()
    api.store.create('pods', createTestPod(name, { labels, status: { phase } }))
    expect((await evictPod(api, name)).code).toBe(201)
  }
})

test('Eviction: an unhealthy pod may go as unhealthyPodEvictionPolicy says', async () => {
  await using api = await startTestApi()
  for (const name of ['a', 'b']) api.store.create('pods', createTestPod(name, { labels, status: running }))
  addBudget(api, { currentHealthy: 0 })
  expect((await evictPod(api, 'a')).code).toBe(429)
  const setStatus = (currentHealthy: number) =>
    api.store.modify('poddisruptionbudgets', 'budget', 'default', (draft) => {
      Object.assign(draft.status ?? {}, { currentHealthy })
    })
  setStatus(1)
  expect((await evictPod(api, 'a')).code).toBe(201)
  setStatus(0)
  api.store.modify('poddisruptionbudgets', 'budget', 'default', (draft) => {
    Object.assign(draft.spec ?? {}, { unhealthyPodEvictionPolicy: 'AlwaysAllow' })
  })
  expect((await evictPod(api, 'b')).code).toBe(201)
  expect(api.store.read('poddisruptionbudgets', 'budget', 'default').status?.disruptedPods).toBeUndefined()
})

test('Eviction: two budgets, or another name or uid, are refused', async () => {
  await using api = await startTestApi()
  api.store.create('pods', createTestPod('a', { labels, status: ready }))
  const uid = '00000000-0000-0000-0000-000000000000'
  expect((await evictPod(api, 'a', { deleteOptions: { preconditions: { uid } } })).code).toBe(409)
  expect((await evictPod(api, 'a', { metadata: { name: 'b' } })).code).toBe(400)
  expect((await evictPod(api, 'missing')).code).toBe(404)
  addBudget(api, {})
  addBudget(api, {}, {}, 'second')
  const { code, body } = await evictPod(api, 'a')
  expect(code).toBe(500)
  expect(body.message).toBe(
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  )
  expect(api.store.read('pods', 'a', 'default').status?.conditions).toHaveLength(1)
})
