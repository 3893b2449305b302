import { expect, test } from 'vitest'
import type { Pod } from '../store/objects.ts'
import type { Status } from '../schema/status.ts'
import { createTestPod, startTestApi } from '../testing/test-api.ts'

const pods = '/api/v1/namespaces/default/pods'

test('Delete: a second deletion can only shorten a pod’s grace', async () => {
  await using api = await startTestApi()
  api.store.create(
    'pods',
    createTestPod('a', { spec: { nodeName: 'n', terminationGracePeriodSeconds: 40, containers: [] } }),
  )
  const before = Date.now()
  const remove = async (query: string) => (await api.ask<Pod>(`${pods}/a${query}`, { method: 'DELETE' })).body.metadata
  const first = await remove('')
  expect(first?.deletionGracePeriodSeconds).toBe(40)
  expect(Math.abs(Date.parse(first?.deletionTimestamp ?? '') - before - 40_000)).toBeLessThan(2_000)
  expect(await remove('?gracePeriodSeconds=90')).toMatchObject({ deletionGracePeriodSeconds: 40 })
  expect(await remove('')).toMatchObject({ deletionGracePeriodSeconds: 40 })
  const shorter = await remove('?gracePeriodSeconds=5')
  expect(shorter?.deletionGracePeriodSeconds).toBe(5)
  expect(Date.parse(first?.deletionTimestamp ?? '') - Date.parse(shorter?.deletionTimestamp ?? '')).toBe(35_000)
  expect(shorter?.generation).toBe(2)
  await remove('?gracePeriodSeconds=0')
  expect(api.store.get('pods', 'a', 'default')).toBeUndefined()
})

test('Delete: a pod without a node or anything to run goes at once', async () => {
  await using api = await startTestApi()
  api.store.create('pods', createTestPod('unscheduled', { spec: { containers: [] } }))
  api.store.create('pods', createTestPod('done', { status: { phase: 'Succeeded' } }))
  for (const name of ['unscheduled', 'done']) {
    expect((await api.ask(`${pods}/${name}`, { method: 'DELETE' })).code).toBe(200)
  }
  expect(api.store.list('pods')).toEqual([])
})

test('Delete: preconditions that do not hold are a conflict', async () => {
  await using api = await startTestApi()
  const { metadata } = api.store.create('pods', createTestPod('a'))
  const remove = (preconditions: object) =>
    api.ask(`${pods}/a`, { method: 'DELETE', body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions } })
  const uid = '00000000-0000-0000-0000-000000000000'
  const refused = await remove({ uid })
  expect(refused.code).toBe(409)
  expect(refused.body.message).toBe(
    `Operation cannot be fulfilled on pods "a": Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
  )
  expect((await remove({ resourceVersion: '1' })).code).toBe(409)
  expect((await remove({ uid: metadata.uid, resourceVersion: metadata.resourceVersion })).code).toBe(200)
})

test('Delete: finalizers hold an object until the last is gone', async () => {
  await using api = await startTestApi()
  const path = '/api/v1/namespaces/default/configmaps/a'
  api.store.create('configmaps', { metadata: { name: 'a', namespace: 'default', finalizers: ['x.io/a', 'x.io/b'] } })
  await api.ask(path, { method: 'DELETE' })
  const patchFinalizers = (finalizers: string[]) =>
    api.ask(path, {
      method: 'PATCH',
      body: { metadata: { finalizers } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
  expect((await patchFinalizers(['x.io/b'])).code).toBe(200)
  expect(api.store.read('configmaps', 'a', 'default').metadata.deletionTimestamp).toBeDefined()
  const added = await patchFinalizers(['x.io/b', 'x.io/c'])
  expect(added.body.message).toContain('no new finalizers can be added if the object is being deleted')
  expect((await patchFinalizers([])).code).toBe(200)
  expect(api.store.get('configmaps', 'a', 'default')).toBeUndefined()
})

test('Delete: orphans what belonged to the object when that is asked for', async () => {
  await using api = await startTestApi()
  const { metadata } = api.store.create('configmaps', { metadata: { name: 'owner', namespace: 'default' } })
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata.uid }
  api.store.create('pods', {
    ...createTestPod('a'),
    metadata: { name: 'a', namespace: 'default', ownerReferences: [owner] },
  })
  const path = '/api/v1/namespaces/default/configmaps/owner'
  await api.ask(path, { method: 'DELETE', body: { propagationPolicy: 'Orphan' } })
  expect(api.store.read('pods', 'a', 'default').metadata.ownerReferences).toEqual([])
})

test('Delete: deletes a collection by selector', async () => {
  await using api = await startTestApi()
  for (const name of ['a', 'b']) {
    api.store.create('configmaps', { metadata: { name, namespace: 'default', labels: { name } } })
  }
  const path = '/api/v1/namespaces/default/configmaps?labelSelector=name%3Da'
  const { body } = await api.ask<{ items: unknown[] } & Status>(path, { method: 'DELETE' })
  expect(body.items).toHaveLength(1)
  expect(api.store.list('configmaps').map(({ metadata }) => metadata.name)).toEqual(['b'])
})
