import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTestPod, readWatchEvents, startTestApi } from '../testing/test-api.ts'
import type { TestApi, WatchEvent } from '../testing/test-api.ts'

const pods = '/api/v1/namespaces/default/pods'

/** Opens a watch and returns how to wait for its next events, as `TYPE name`. */
async function openWatch(api: TestApi, query: string, headers = {}) {
  const response = await api.open(`${pods}?watch=true${query}`, { headers })
  const events = readWatchEvents(response)
  const readNext = async (): Promise<WatchEvent | undefined> => (await events.next()).value
  const readNames = async (count: number): Promise<string[]> => {
    const seen: string[] = []
    for (let i = 0; i < count; i++) {
      const event = await readNext()
      seen.push(`${event?.type} ${event?.object.metadata?.name}`)
    }
    return seen
  }
  return { next: readNext, names: readNames, [Symbol.dispose]: () => response.destroy() }
}

const labelConfigMap = (api: TestApi, name: string, labels: Record<string, string>) =>
  api.store.modify('pods', name, 'default', (draft) => {
    draft.metadata.labels = labels
  })

test('Watch: without a revision it begins with what there is', async () => {
  await using api = await startTestApi()
  for (const name of ['b', 'a']) api.store.create('pods', createTestPod(name))
  for (const query of ['', '&resourceVersion=0']) {
    using watch = await openWatch(api, query)
    expect(await watch.names(2)).toEqual(['ADDED a', 'ADDED b'])
    const name = `c${query.length}`
    api.store.create('pods', createTestPod(name))
    api.store.remove('pods', name, 'default')
    expect(await watch.names(2)).toEqual([`ADDED ${name}`, `DELETED ${name}`])
  }
})

test('Watch: resumes after a list’s revision, each change once', async () => {
  await using api = await startTestApi()
  api.store.create('pods', createTestPod('a'))
  const { body } = await api.ask(pods)
  api.store.create('pods', createTestPod('b'))
  using watch = await openWatch(api, `&resourceVersion=${body.metadata?.resourceVersion ?? ''}`)
  api.store.create('pods', createTestPod('c'))
  expect(await watch.names(2)).toEqual(['ADDED b', 'ADDED c'])
})

test('Watch: what is selected anew is ADDED, what no longer is, DELETED', async () => {
  await using api = await startTestApi()
  using watch = await openWatch(api, `&resourceVersion=${api.store.revision}&labelSelector=app%20in%20(web,x),!old`)
  api.store.create('pods', createTestPod('a', { labels: { app: 'other' } }))
  labelConfigMap(api, 'a', { app: 'web' })
  labelConfigMap(api, 'a', { app: 'x' })
  const changed = labelConfigMap(api, 'a', { app: 'x', old: 'yes' })
  expect(await watch.names(2)).toEqual(['ADDED a', 'MODIFIED a'])
  const gone = await watch.next()
  // The object as it was last selected, with the revision of the change.
  expect(gone).toMatchObject({
    type: 'DELETED',
    object: { metadata: { labels: { app: 'x' }, resourceVersion: changed.metadata.resourceVersion } },
  })
})

test('Watch: selects by field', async () => {
  await using api = await startTestApi()
  api.store.create('pods', createTestPod('a'))
  using watch = await openWatch(api, '&fieldSelector=metadata.name%3Da,status.phase!%3DFailed')
  api.store.create('pods', createTestPod('b'))
  api.store.modify('pods', 'a', 'default', (draft) => {
    draft.status = { phase: 'Failed' }
  })
  expect(await watch.names(2)).toEqual(['ADDED a', 'DELETED a'])
})

test('Watch: a revision that is too old gets an ERROR with 410', async () => {
  await using api = await startTestApi()
  const { revision } = api.store
  for (let i = 0; i < 7_000; i++) {
    api.store.create('configmaps', { metadata: { name: `c${i}`, namespace: 'default' } })
  }
  using watch = await openWatch(api, `&resourceVersion=${revision}`)
  const event = await watch.next()
  expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
  expect(await watch.next()).toBeUndefined()
})

test('Watch: marks the end of initial events with a bookmark', async () => {
  await using api = await startTestApi()
  api.store.create('pods', createTestPod('a'))
  const query = '&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan'
  using watch = await openWatch(api, query)
  expect(await watch.names(1)).toEqual(['ADDED a'])
  expect(await watch.next()).toMatchObject({
    type: 'BOOKMARK',
    object: { kind: 'Pod', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  })
})

test('Watch: ends by timeoutSeconds, by the server and by the client', async () => {
  const api = await startTestApi()
  using timed = await openWatch(api, '&timeoutSeconds=1')
  expect(await timed.next()).toBeUndefined()
  const left = await openWatch(api, '')
  left[Symbol.dispose]()
  await sleep(50)
  api.store.create('pods', createTestPod('a'))
  const open = await api.open(`${pods}?watch=true`)
  const ended = open.toArray().catch(() => [])
  await api[Symbol.asyncDispose]()
  expect(await ended).toBeDefined()
})

test('Watch: a client that does not read is cut off in the end', async () => {
  await using api = await startTestApi()
  const slow = await api.open(`${pods}?watch=true`)
  slow.pause()
  const closed = new Promise((resolve) => {
    slow.once('close', () => resolve('cut off'))
    slow.once('error', () => resolve('cut off'))
  })
  using quick = await openWatch(api, '&fieldSelector=metadata.name%3Dlast')
  const text = 'x'.repeat(256 * 1024)
  for (let i = 0; i < 120; i++) {
    const pod = createTestPod(`p${i}`)
    api.store.create('pods', { ...pod, metadata: { ...pod.metadata, annotations: { text } } })
  }
  api.store.create('pods', createTestPod('last'))
  expect(await quick.names(1)).toEqual(['ADDED last'])
  slow.resume()
  expect(await closed).toBe('cut off')
})

test('Watch: sends tables to those who ask, with the columns once', async () => {
  await using api = await startTestApi()
  api.store.create('pods', createTestPod('a', { status: { phase: 'Pending' } }))
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
  using watch = await openWatch(api, '', { accept })
  const first = await watch.next()
  expect(first?.object).toMatchObject({ kind: 'Table', columnDefinitions: expect.any(Array) as unknown })
  expect(first?.object.rows?.[0]?.cells.slice(0, 4)).toEqual(['a', '0/1', 'Pending', '0'])
  labelConfigMap(api, 'a', { x: 'y' })
  expect((await watch.next())?.object.columnDefinitions).toBeNull()
})
