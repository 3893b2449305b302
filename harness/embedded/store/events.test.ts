import { expect, test, vi } from 'vitest'
import { detailAnnotation, recordEvent } from './events.ts'
import type { NewEvent } from './events.ts'
import { monotonicAnnotation } from './objects.ts'
import { Store } from './store.ts'

function makeStore(): { store: Store; event: NewEvent } {
  const store = new Store()
  const about = store.create('pods', { metadata: { name: 'web-1', namespace: 'shop' } })
  return { store, event: { about, reason: 'Killing', message: 'Stopping container app', component: 'kubelet' } }
}

test('Events: one names its object, its source and the instant', () => {
  const { store, event } = makeStore()
  recordEvent(store, { ...event, container: 'app', node: 'node-1', detail: 'SIGTERM', atUs: 123 })
  const [recorded] = store.list('events', 'shop')
  expect(recorded).toMatchObject({
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Pod',
      name: 'web-1',
      uid: event.about.metadata?.uid,
      fieldPath: 'spec.containers{app}',
    },
    reason: 'Killing',
    type: 'Normal',
    count: 1,
    source: { component: 'kubelet', host: 'node-1' },
    metadata: { annotations: { [detailAnnotation]: 'SIGTERM', [monotonicAnnotation]: '123' } },
  })
})

test('Events: one of an init container names its place', () => {
  const { store, event } = makeStore()
  const spec = { containers: [{ name: 'app' }], initContainers: [{ name: 'init' }] }
  const about = store.create('pods', { metadata: { name: 'web-2', namespace: 'shop' }, spec })
  recordEvent(store, { ...event, about, container: 'init' })
  expect(store.list('events', 'shop')[0]?.involvedObject.fieldPath).toBe('spec.initContainers{init}')
})

test('Events: a repeated one is counted up, which watchers see', () => {
  const { store, event } = makeStore()
  const seen: (string | undefined)[] = []
  store.watch('events', ({ object }) => seen.push(object.metadata.annotations?.[monotonicAnnotation]))
  recordEvent(store, { ...event, atUs: 1 })
  recordEvent(store, { ...event, atUs: 2 })
  recordEvent(store, { ...event, atUs: 2 })
  expect(store.list('events')).toHaveLength(1)
  expect(store.list('events')[0]?.count).toBe(3)
  expect(seen).toEqual(['1', '2', '2'])
})

test.each<[string, Partial<NewEvent>]>([
  ['message', { message: 'Stopping container proxy' }],
  ['reason', { reason: 'Started' }],
  ['container', { container: 'proxy' }],
  ['type', { type: 'Warning' }],
])('another %s makes another Event', (_what, difference) => {
  const { store, event } = makeStore()
  recordEvent(store, event)
  recordEvent(store, { ...event, ...difference })
  expect(store.list('events').map(({ count }) => count)).toEqual([1, 1])
})

test('Events: one that was deleted is made anew', () => {
  const { store, event } = makeStore()
  recordEvent(store, event)
  store.remove('events', store.list('events')[0]?.metadata.name ?? '', 'shop')
  recordEvent(store, event)
  expect(store.list('events').map(({ count }) => count)).toEqual([1])
})

test('Events: recording does not search all of them', () => {
  const { store, event } = makeStore()
  store.list = () => {
    throw new Error('listed')
  }
  recordEvent(store, event)
  recordEvent(store, event)
  const names = [...new Set(store.changesSince('events', 0).map(({ object }) => object.metadata.name))]
  expect(names).toHaveLength(1)
})

test('Events: kept for an hour after they were last recorded', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const { store, event } = makeStore()
    recordEvent(store, { ...event, message: 'silent' })
    recordEvent(store, { ...event, message: 'repeated' })
    vi.advanceTimersByTime(50 * 60_000)
    recordEvent(store, { ...event, message: 'repeated' })
    vi.advanceTimersByTime(20 * 60_000)
    recordEvent(store, { ...event, message: 'new' })
    expect(store.list('events').map(({ message }) => message)).toEqual(['repeated', 'new'])
  } finally {
    vi.useRealTimers()
  }
})
