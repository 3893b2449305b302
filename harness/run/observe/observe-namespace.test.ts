/** The watches of a namespace, on a scripted API server. */
import { buildSampleWorkload } from '../../model/workload.ts'
import { expect, test } from 'vitest'
import { startClock } from '../../base/clock.ts'
import { connectApi } from '../../cluster/api.ts'
import type { LogRecord } from '../../model/record.ts'
import { startScriptedApi } from '../../testing/scripted-api.ts'
import type { ScriptedApi, WatchCall } from '../../testing/scripted-api.ts'
import { observeNamespace } from './observe.ts'
import type { Observer } from './observe.ts'

interface Observation extends AsyncDisposable {
  server: ScriptedApi
  observer: Observer
  records: LogRecord[]
  /** The call that watches this kind of object. */
  watches: Record<'pods' | 'endpointslices' | 'events', WatchCall>
}

async function startObservation(): Promise<Observation> {
  const server = await startScriptedApi()
  const api = connectApi(server.kubeconfig)
  const stop = new AbortController()
  const records: LogRecord[] = []
  const observer = await observeNamespace({
    api,
    namespace: 'n',
    workload: buildSampleWorkload({ workMs: 0 }),
    runToken: 'r',
    mostServed: 10,
    clock: startClock(),
    exactEvents: false,
    nodeClock: { aheadUs: 0, errorUs: 0 },
    write: (record) => records.push(record),
    signal: stop.signal,
  })
  const calls = [await server.nextWatch(), await server.nextWatch(), await server.nextWatch()]
  const find = (plural: string): WatchCall =>
    calls.find(({ path }) => path.endsWith(`/n/${plural}`)) ?? expect.fail(`no watch of ${plural}`)
  return {
    server,
    observer,
    records,
    watches: { pods: find('pods'), endpointslices: find('endpointslices'), events: find('events') },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await observer.done
      api.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

function buildPod(name: string, resourceVersion: string, more: object = {}): object {
  return { metadata: { name, uid: name, resourceVersion, ...more }, spec: {}, status: { phase: 'Pending' } }
}

test('observer: pods that come and go are records, and known at each moment', async () => {
  await using observation = await startObservation()
  const { observer, records, watches } = observation
  watches.pods.send('ADDED', buildPod('web-1', '2'))
  watches.pods.send('MODIFIED', buildPod('web-1', '3', { deletionTimestamp: '2026-01-01T00:00:00Z' }))
  await expect.poll(() => observer.pods.get('web-1')?.terminating).toBe(true)
  watches.pods.send('DELETED', buildPod('web-1', '4'))
  await expect.poll(() => observer.pods.size).toBe(0)
  const changes = records.flatMap((record) => (record.type === 'pod' ? [record.change] : []))
  expect(changes).toEqual(['added', 'modified', 'deleted'])
})

test('observer: a pod that takes the name of another is a pod of its own', async () => {
  await using observation = await startObservation()
  const { observer, records, watches } = observation
  const buildOf = (uid: string, resourceVersion: string): object => buildPod('web-1', resourceVersion, { uid })
  watches.pods.send('ADDED', buildOf('a', '2'))
  watches.pods.send('ADDED', buildOf('b', '3'))
  watches.pods.send('DELETED', buildOf('a', '4'))
  await expect.poll(() => [...observer.pods.keys()]).toEqual(['web-1~2'])
  const labels = { 'kubernetes.io/service-name': 'web' }
  const endpoints = [{ addresses: ['10.0.0.1'], targetRef: { kind: 'Pod', name: 'web-1', uid: 'b' } }]
  watches.endpointslices.send('ADDED', { metadata: { name: 's', uid: 's', labels }, endpoints })
  await expect.poll(() => records.at(-1)).toMatchObject({ type: 'endpoints', endpoints: [{ pod: 'web-1~2' }] })
  const involvedObject = { kind: 'Pod', name: 'web-1', uid: 'a' }
  watches.events.send('ADDED', { metadata: { name: 'e', uid: 'e' }, involvedObject, reason: 'Killing', message: 'x' })
  await expect.poll(() => records.at(-1)).toMatchObject({ type: 'event', object: 'Pod/web-1' })
  const pods = records.flatMap((record) => (record.type === 'pod' ? [[record.change, record.pod.name]] : []))
  expect(pods).toEqual([
    ['added', 'web-1'],
    ['added', 'web-1~2'],
    ['deleted', 'web-1'],
  ])
})

test('observer: endpoints and Events are records in the order of their arrival', async () => {
  await using observation = await startObservation()
  const { records, watches } = observation
  const labels = { 'kubernetes.io/service-name': 'web' }
  const endpoints = [{ addresses: ['10.0.0.1'], conditions: { ready: true }, targetRef: { name: 'web-1' } }]
  watches.endpointslices.send('ADDED', { metadata: { name: 's', uid: 's', labels }, endpoints })
  await expect.poll(() => records.length).toBe(1)
  const involvedObject = { kind: 'Pod', name: 'web-1' }
  watches.events.send('ADDED', { metadata: { name: 'e', uid: 'e' }, involvedObject, reason: 'Pulled', message: 'x' })
  await expect.poll(() => records.length).toBe(2)
  expect(records).toMatchObject([
    { type: 'endpoints', slice: 's', service: 'web', endpoints: [{ pod: 'web-1', ip: '10.0.0.1', ready: true }] },
    { type: 'event', object: 'Pod/web-1', reason: 'Pulled', message: 'x' },
  ])
})

test('observer: a watch that was cut leaves a gap that names what was not seen', async () => {
  await using observation = await startObservation()
  const { server, records, watches } = observation
  watches.endpointslices.cut()
  expect((await server.nextWatch()).path).toMatch(/endpointslices$/)
  await expect.poll(() => records).toMatchObject([{ type: 'gap', what: 'endpointslices' }])
})
