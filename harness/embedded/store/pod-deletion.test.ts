import { expect, test } from 'vitest'
import type { Pod, Stored } from './objects.ts'
import { deletePodGracefully } from './pod-deletion.ts'
import { Store } from './store.ts'

function createPod(store: Store, { spec, status, metadata }: Pod = {}): Stored<Pod> {
  return store.create('pods', {
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec: { containers: [], nodeName: 'node-1', terminationGracePeriodSeconds: 12, ...spec },
    ...(status && { status }),
  })
}

function secondsFromNow({ metadata }: Stored<Pod>): number {
  return (Date.parse(metadata.deletionTimestamp ?? '') - Date.now()) / 1000
}

test('Pod deletion: a running pod is marked and stays', () => {
  const store = new Store()
  const marked = deletePodGracefully(store, createPod(store))
  expect(marked.metadata.deletionGracePeriodSeconds).toBe(12)
  expect(secondsFromNow(marked)).toBeGreaterThan(10.9)
  expect(secondsFromNow(marked)).toBeLessThanOrEqual(12)
  expect(store.read('pods', 'web', 'shop')).toBe(marked)
})

test.each<[string, Pod, number | undefined]>([
  ['without a node', { spec: { containers: [], nodeName: '' } }, undefined],
  ['that has finished', { status: { phase: 'Succeeded' } }, undefined],
  ['deleted with a grace of 0', {}, 0],
])('a pod %s is gone at once', (_what, pod, graceSeconds) => {
  const store = new Store()
  deletePodGracefully(store, createPod(store, pod), graceSeconds === undefined ? {} : { graceSeconds })
  expect(store.list('pods')).toEqual([])
})

test('Pod deletion: a finalizer holds it, with no grace left', () => {
  const store = new Store()
  const pod = createPod(store, { metadata: { name: 'web', namespace: 'shop', finalizers: ['example.com/hold'] } })
  expect(deletePodGracefully(store, pod, { graceSeconds: 0 }).metadata.deletionGracePeriodSeconds).toBe(0)
})

test('Pod deletion: a second one only shortens the grace', () => {
  const store = new Store()
  const first = deletePodGracefully(store, createPod(store))
  expect(deletePodGracefully(store, first)).toBe(first)
  expect(deletePodGracefully(store, first, { graceSeconds: 60 })).toBe(first)
  const second = deletePodGracefully(store, first, { graceSeconds: 2 })
  expect(second.metadata.deletionGracePeriodSeconds).toBe(2)
  expect(Date.parse(first.metadata.deletionTimestamp ?? '') - Date.parse(second.metadata.deletionTimestamp ?? '')).toBe(
    10_000,
  )
  deletePodGracefully(store, second, { graceSeconds: 0 })
  expect(store.list('pods')).toEqual([])
})

test('Pod deletion: a negative grace period counts as one second', () => {
  const store = new Store()
  const pod = createPod(store, { spec: { containers: [], nodeName: 'node-1', terminationGracePeriodSeconds: -5 } })
  expect(deletePodGracefully(store, pod).metadata.deletionGracePeriodSeconds).toBe(1)
})
