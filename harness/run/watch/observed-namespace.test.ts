/** Episodes in a namespace that is watched on a scripted API server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startClock } from '../../base/clock.ts'
import { connectApi } from '../../cluster/api.ts'
import { buildPlan } from '../../testing/samples/rollout-log.ts'
import { startScriptedApi } from '../../testing/scripted-api.ts'
import type { ScriptedApi, WatchCall } from '../../testing/scripted-api.ts'
import { observeNamespace } from '../observe/observe.ts'
import { WatchedTraffic } from './watched-traffic.ts'

interface Observation extends AsyncDisposable {
  server: ScriptedApi
  traffic: WatchedTraffic
  pods: WatchCall
  /** The signs that opened each episode. */
  signs: string[]
}

/** With two ready pods and a running load. */
async function startObservation(): Promise<Observation> {
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-watch-'))
  const server = await startScriptedApi()
  server.list.items = []
  const api = connectApi(server.kubeconfig)
  const stop = new AbortController()
  const clock = startClock()
  const signs: string[] = []
  const plan = buildPlan()
  const traffic = new WatchedTraffic({
    getPlan: () => plan,
    directory,
    clock,
    mostEpisodes: Infinity,
    onRecord: () => undefined,
    onSign: (_, { says }) => signs.push(says),
    waitUntilOver: () => Promise.resolve(clock.now()),
    isCordoned: () => Promise.resolve(false),
    onClosed: () => Promise.resolve(),
    onFailure: (error) => signs.push(String(error)),
  })
  const observer = await observeNamespace({
    api,
    namespace: 'n',
    workload: plan.workload,
    runToken: 'r',
    mostServed: 0,
    clock,
    exactEvents: false,
    nodeClock: { aheadUs: 0, errorUs: 0 },
    write: (record) => traffic.see(record),
    onPod: (seen) => traffic.seePod(seen),
    signal: stop.signal,
  })
  const calls = [await server.nextWatch(), await server.nextWatch(), await server.nextWatch()]
  const pods = calls.find(({ path }) => path.endsWith('/n/pods')) ?? expect.fail('no watch of pods')
  for (const name of ['a', 'b']) pods.send('ADDED', buildPod(name, '2'))
  await expect.poll(() => observer.pods.size).toBe(2)
  traffic.begin()
  return {
    server,
    traffic,
    pods,
    signs,
    async [Symbol.asyncDispose]() {
      traffic.interrupt()
      traffic.take([{ type: 'end', t: clock.now(), driver: 0, planned: 0, lost: null }])
      await traffic.drain()
      stop.abort()
      await observer.done
      api.close()
      await server[Symbol.asyncDispose]()
      rmSync(directory, { recursive: true })
    },
  }
}

function buildPod(name: string, resourceVersion: string, more: object = {}): object {
  const metadata = { name, uid: name, resourceVersion, labels: { 'pod-template-hash': '1' }, ...more }
  return { metadata, spec: {}, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }
}

test('watch: a pod that is being deleted opens an episode', async () => {
  await using observation = await startObservation()
  observation.pods.send('MODIFIED', buildPod('a', '3', { deletionTimestamp: '2026-01-01T00:00:00Z' }))
  await expect.poll(() => observation.signs).toEqual(['pod a is being deleted'])
})

test('watch: a watch that is cut and goes on opens none, and what comes then does', async () => {
  await using observation = await startObservation()
  observation.pods.cut()
  const next = await observation.server.nextWatch()
  expect(next.query.get('resourceVersion')).toBe('2')
  next.send('MODIFIED', buildPod('b', '3'))
  next.send('DELETED', buildPod('a', '4'))
  await expect.poll(() => observation.signs).toEqual(['pod a is gone'])
})

test('watch: where changes were lost, the same pods open none, and one that is missing does', async () => {
  await using observation = await startObservation()
  const { server, pods, signs } = observation
  server.list.items = [buildPod('a', '2'), buildPod('b', '9')]
  server.list.resourceVersion = '9'
  pods.send('ERROR', { code: 410, message: 'too old' })
  const next = await server.nextWatch()
  expect(signs).toEqual([])
  server.list.items = [buildPod('b', '9')]
  next.send('ERROR', { code: 410, message: 'too old' })
  await expect.poll(() => signs).toEqual(['pod a is gone'])
})

test('watch: what is read while the log of an episode is being closed ends nothing', async () => {
  await using observation = await startObservation()
  const { pods, signs, traffic } = observation
  pods.send('MODIFIED', buildPod('a', '3', { deletionTimestamp: '2026-01-01T00:00:00Z' }))
  await expect.poll(() => signs).toEqual(['pod a is being deleted'])
  await setImmediate()
  const health = { planned: 0, settled: 0, inFlight: 0, loopDelayMaxUs: 0, cpuShare: 0 }
  traffic.take([{ type: 'driver', t: 1, driver: 0, health }])
  const columns = { to: ['10.0.0.1:80'], ports: [40_000], times: [0], places: [0] }
  for (let tries = 0; tries < 100; tries++) {
    traffic.see({ type: 'translation', t: 1, driver: 0, errorUs: 0, ...columns })
    await setImmediate()
  }
  expect(traffic.isInEpisode).toBe(false)
})
