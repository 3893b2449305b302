import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { startClock } from '../base/clock.ts'
import { startScriptedApi } from '../testing/scripted-api.ts'
import type { ScriptedApi } from '../testing/scripted-api.ts'
import { connectApi } from './api.ts'
import { startWatch } from './watch.ts'
import type { ObservedChange } from './watch.ts'

interface Watching extends AsyncDisposable {
  seen: ObservedChange<KubernetesObject>[]
  gaps: { fromUs: number; why: string }[]
  told: () => string[]
}

async function startWatching(server: ScriptedApi): Promise<Watching> {
  const stop = new AbortController()
  const seen: ObservedChange<KubernetesObject>[] = []
  const gaps: { fromUs: number; why: string }[] = []
  const api = connectApi(server.kubeconfig)
  const { done } = await startWatch({
    api,
    path: '/api/v1/pods',
    clock: startClock(),
    onChange: (one) => seen.push(one),
    onGap: (fromUs, why) => gaps.push({ fromUs, why }),
    signal: stop.signal,
  })
  return {
    seen,
    gaps,
    told: () => seen.map(({ change, object }) => `${change} ${object.metadata?.name}`),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await done
      api.close()
    },
  }
}

const buildObject = (name: string, resourceVersion: string): KubernetesObject => ({
  metadata: { name, uid: name, resourceVersion },
})

test('watch: it lists first, then watches from there', async () => {
  await using server = await startScriptedApi()
  server.list = { resourceVersion: '5', items: [buildObject('a', '3')] }
  await using watched = await startWatching(server)
  const call = await server.nextWatch()
  expect(call.query.get('resourceVersion')).toBe('5')
  call.send('ADDED', buildObject('b', '6'))
  call.send('MODIFIED', buildObject('a', '7'))
  call.send('DELETED', buildObject('b', '8'))
  await expect.poll(() => watched.told()).toEqual(['added a', 'added b', 'modified a', 'deleted b'])
})

test('watch: an event cut within a character is put together', async () => {
  await using server = await startScriptedApi()
  await using watched = await startWatching(server)
  const call = await server.nextWatch()
  const line = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: buildObject('möwe', '2') })}\n`)
  const within = line.indexOf(0xc3) + 1
  call.write(line.subarray(0, within))
  await sleep(30)
  call.write(line.subarray(within))
  await expect.poll(() => watched.told()).toEqual(['added möwe'])
})

test('watch: one that the server ends goes on without a gap', async () => {
  await using server = await startScriptedApi()
  await using watched = await startWatching(server)
  const first = await server.nextWatch()
  first.send('BOOKMARK', { metadata: { resourceVersion: '40' } })
  first.end()
  const second = await server.nextWatch()
  expect(second.query.get('resourceVersion')).toBe('40')
  expect({ gaps: watched.gaps, lists: server.lists }).toEqual({ gaps: [], lists: 1 })
})

test('watch: a server that ends each at once is not asked without a pause, and what came in it is a gap', async () => {
  await using server = await startScriptedApi()
  await using watched = await startWatching(server)
  const clock = startClock()
  let asked = 0
  while (clock.now() < 1_000_000) {
    const call = await server.nextWatch()
    asked++
    call.end()
  }
  // Pauses of 100, 200, 400 ms, and none after the first.
  expect(asked).toBeLessThan(10)
  expect(watched.gaps.length).toBeGreaterThan(0)
})

test('watch: a server whose versions expire at once is not listed without a pause', async () => {
  await using server = await startScriptedApi()
  await using watched = await startWatching(server)
  const clock = startClock()
  while (clock.now() < 1_000_000) (await server.nextWatch()).send('ERROR', { code: 410, message: 'too old' })
  expect(server.lists).toBeLessThan(10)
  expect(watched.gaps.length).toBeGreaterThan(0)
})

test('watch: a cut one resumes, and reports the gap', async () => {
  await using server = await startScriptedApi()
  await using watched = await startWatching(server)
  const first = await server.nextWatch()
  first.send('ADDED', buildObject('a', '9'))
  await expect.poll(() => watched.seen).toHaveLength(1)
  first.cut()
  const second = await server.nextWatch()
  expect(second.query.get('resourceVersion')).toBe('9')
  await expect.poll(() => watched.gaps).toHaveLength(1)
  expect(watched.gaps[0]?.fromUs).toBeGreaterThanOrEqual(watched.seen[0]?.atUs ?? Infinity)
})

test('watch: an expired version makes a new list and a gap', async () => {
  await using server = await startScriptedApi()
  server.list = { resourceVersion: '5', items: [buildObject('a', '3'), buildObject('b', '4')] }
  await using watched = await startWatching(server)
  server.list = { resourceVersion: '90', items: [buildObject('b', '4'), buildObject('c', '80')] }
  const first = await server.nextWatch()
  first.send('ERROR', { code: 410, message: 'too old resource version: 5 (50)' })
  const second = await server.nextWatch()
  expect(second.query.get('resourceVersion')).toBe('90')
  expect(watched.told()).toEqual(['added a', 'added b', 'deleted a', 'added c'])
  expect(watched.gaps).toMatchObject([{ why: expect.stringContaining('too old resource version') as string }])
})
