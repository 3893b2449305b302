import { expect, test } from 'vitest'
import { Store, StoreError } from './store.ts'
import type { Change } from './store.ts'

const configMap = (name: string, data: Record<string, string> = {}) => ({
  metadata: { name, namespace: 'default' },
  data,
})
const createBudget = (maxUnavailable: number) => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: { maxUnavailable },
})

function catchReason(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof StoreError) return error.reason
  }
  return 'none'
}

test('Store: gives a new object its identity and freezes it', () => {
  const store = new Store()
  const created = store.create('configmaps', configMap('a', { x: '1' }))
  expect(created).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { resourceVersion: '1' } })
  expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
  expect(() => Object.assign(created.data ?? {}, { x: '2' })).toThrow(TypeError)
  expect(catchReason(() => store.create('configmaps', configMap('a')))).toBe('AlreadyExists')
  expect(catchReason(() => store.read('configmaps', 'b', 'default'))).toBe('NotFound')
})

test('Store: makes a name from generateName', () => {
  const { metadata } = new Store().create('pods', { metadata: { generateName: 'web-', namespace: 'default' } })
  expect(metadata.name).toMatch(/^web-[a-z0-9]{5}$/)
})

test('Store: an update of an old version is a conflict', () => {
  const store = new Store()
  const first = store.create('configmaps', configMap('a'))
  store.update('configmaps', { ...first, data: { x: '1' } })
  expect(catchReason(() => store.update('configmaps', { ...first, data: { x: '2' } }))).toBe('Conflict')
  store.update('configmaps', configMap('a', { x: '3' }))
  expect(store.read('configmaps', 'a', 'default').data).toEqual({ x: '3' })
})

test('Store: does not write what is the same in another order of keys', () => {
  const store = new Store()
  store.create('configmaps', configMap('a', { x: '1', y: '2' }))
  const changes: Change[] = []
  store.watch('configmaps', (change) => changes.push(change))
  store.update('configmaps', { data: { y: '2', x: '1' }, metadata: { namespace: 'default', name: 'a' } })
  expect(changes).toEqual([])
  expect(store.revision).toBe(1)
})

test('Store: raises the generation with the spec only', () => {
  const store = new Store()
  store.create('poddisruptionbudgets', createBudget(1))
  const labelled = store.modify('poddisruptionbudgets', 'web', 'default', (draft) => {
    draft.metadata.labels = { a: 'b' }
  })
  expect(labelled.metadata.generation).toBe(1)
  expect(store.update('poddisruptionbudgets', createBudget(2)).metadata.generation).toBe(2)
})

test('Store: a dry run answers as the write and keeps nothing', () => {
  const store = new Store()
  const changes: Change[] = []
  store.watch('poddisruptionbudgets', (change) => changes.push(change))
  expect(store.create('poddisruptionbudgets', createBudget(1), { dryRun: true }).metadata.uid).toBeDefined()
  expect(store.list('poddisruptionbudgets')).toEqual([])
  store.create('poddisruptionbudgets', createBudget(1))
  const tried = store.update('poddisruptionbudgets', createBudget(2), { dryRun: true })
  expect(tried).toMatchObject({ spec: { maxUnavailable: 2 }, metadata: { generation: 2 } })
  expect(store.read('poddisruptionbudgets', 'web', 'default').spec?.maxUnavailable).toBe(1)
  expect(changes).toHaveLength(1)
})

test('Store: listeners get every change in order, their own too', () => {
  const store = new Store()
  const seen: string[] = []
  store.watch('configmaps', ({ type, object }) => {
    if (type === 'ADDED') store.update('configmaps', { ...object, data: { seen: 'yes' } })
  })
  store.watch('configmaps', ({ type, revision }) => seen.push(`${type} ${revision}`))
  store.create('configmaps', configMap('a'))
  store.remove('configmaps', 'a', 'default')
  expect(seen).toEqual(['ADDED 1', 'MODIFIED 2', 'DELETED 3'])
})

test('Store: a listener that throws disturbs no other', () => {
  const errors: unknown[] = []
  const store = new Store((error) => errors.push(error))
  const seen: string[] = []
  store.watch('configmaps', () => {
    throw new Error('broken')
  })
  store.watch('configmaps', ({ object }) => seen.push(object.metadata.name))
  store.create('configmaps', configMap('a'))
  store.create('configmaps', configMap('b'))
  expect(seen).toEqual(['a', 'b'])
  expect(errors).toHaveLength(2)
})

test('Store: a disposed listener is not called any more', () => {
  const store = new Store()
  const seen: string[] = []
  const watches: Disposable[] = []
  store.watch('configmaps', () => watches[0]?.[Symbol.dispose]())
  watches.push(store.watch('configmaps', ({ object }) => seen.push(object.metadata.name)))
  store.create('configmaps', configMap('a'))
  expect(seen).toEqual([])
})

test('Store: resumes from a known revision, refuses an older one', () => {
  const store = new Store()
  store.create('configmaps', configMap('a'))
  const { revision } = store
  store.create('pods', { metadata: { name: 'p', namespace: 'default' } })
  store.create('configmaps', configMap('b'))
  expect(store.changesSince('configmaps', revision).map(({ object }) => object.metadata.name)).toEqual(['b'])
  for (let i = 0; i < 7_000; i++) store.update('configmaps', configMap('a', { i: String(i) }))
  expect(catchReason(() => store.changesSince('configmaps', revision))).toBe('Expired')
  expect(store.changesSince('configmaps', store.oldestRevision).length).toBeGreaterThanOrEqual(5_000)
})
