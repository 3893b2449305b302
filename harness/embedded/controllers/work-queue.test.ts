import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Store, StoreError } from '../store/store.ts'
import { feedQueue, formatKey, startWorkQueue } from './work-queue.ts'
import type { WorkQueue } from './work-queue.ts'

interface Bench {
  queue: WorkQueue
  synced: string[]
  errors: Error[]
}

function startQueueFixture(sync: (key: string) => number | undefined = () => undefined): Bench {
  const synced: string[] = []
  const errors: Error[] = []
  const queue = startWorkQueue({
    name: 'test-controller',
    sync: (key) => {
      synced.push(key)
      return sync(key)
    },
    onError: (error) => errors.push(error),
  })
  return { queue, synced, errors }
}

test('Work queue: a key added twice before its turn is synced once', async () => {
  const { queue, synced } = startQueueFixture()
  using _ = queue
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key)
  expect(synced).toEqual([])
  await sleep(10)
  expect(synced).toEqual(['a', 'b', 'c'])
})

test('Work queue: a key that is added while it is synced is synced again', async () => {
  let queue: WorkQueue | undefined
  const bench = startQueueFixture(() => {
    if (bench.synced.length === 1) queue?.add('a')
    return undefined
  })
  queue = bench.queue
  using _ = queue
  queue.add('a')
  await sleep(10)
  expect(bench.synced).toEqual(['a', 'a'])
})

test('Work queue: a failed sync is reported and repeated with back-off', async () => {
  const times: number[] = []
  const { queue, errors } = startQueueFixture(() => {
    times.push(performance.now())
    if (times.length < 5) throw new Error('disk full')
    return undefined
  })
  using _ = queue
  queue.add('shop/web')
  await sleep(200)
  expect(times).toHaveLength(5)
  const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  expect(waits.map((wait, index) => wait >= 5 * 2 ** index - 1)).toEqual([true, true, true, true])
  expect(errors.map(({ message }) => message)[1]).toBe('test-controller could not sync shop/web (attempt 2): disk full')
  expect(errors[0]?.cause).toBeInstanceOf(Error)
})

test('Work queue: a conflict is repeated without a report', async () => {
  let failures = 1
  const { queue, synced, errors } = startQueueFixture(() => {
    if (failures-- > 0) throw new StoreError('Conflict', 'modified')
    return undefined
  })
  using _ = queue
  queue.add('a')
  await sleep(50)
  expect(synced).toEqual(['a', 'a'])
  expect(errors).toEqual([])
})

test('Work queue: of several delays for one key the shortest counts', async () => {
  const { queue, synced } = startQueueFixture()
  using _ = queue
  queue.addAfter('a', 60_000)
  queue.addAfter('a', 10)
  queue.addAfter('a', 30)
  await sleep(80)
  expect(synced).toEqual(['a'])
})

test('Work queue: a delay beyond a timer’s range does not fire at once', async () => {
  const { queue, synced } = startQueueFixture()
  using _ = queue
  queue.addAfter('a', 2 ** 40)
  await sleep(20)
  expect(synced).toEqual([])
})

test('Work queue: a stopped queue syncs nothing more', async () => {
  const { queue, synced } = startQueueFixture()
  queue.add('a')
  queue.addAfter('b', 5)
  queue[Symbol.dispose]()
  queue.add('c')
  await sleep(30)
  expect(synced).toEqual([])
})

test('Work queue: keys are those of an object before and after a change', async () => {
  const store = new Store()
  store.create('configmaps', { metadata: { name: 'a', namespace: 'shop', labels: { group: 'red' } } })
  const { queue, synced } = startQueueFixture()
  using _ = queue
  using _feed = feedQueue(queue, store, 'configmaps', (object) => [
    formatKey(object),
    object.metadata.labels?.group ?? '',
  ])
  await sleep(5)
  store.modify('configmaps', 'a', 'shop', ({ metadata }) => (metadata.labels = { group: 'blue' }))
  await sleep(5)
  expect(synced).toEqual(['shop/a', 'red', 'shop/a', 'blue', 'red'])
})
