import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Network } from 'testcontainers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startClock } from '../base/clock.ts'
import { connectApi } from '../cluster/api.ts'
import type { KubeApi } from '../cluster/api.ts'
import { buildImages } from '../cluster/kind/images.ts'
import { startEmbeddedCluster } from '../cluster/embedded/embedded-cluster.ts'
import { bundleDriver } from '../load/service/bundle.ts'
import { DriverClient } from '../load/client/driver-client.ts'
import { createCredential } from '../load/service/credential.ts'
import { createDriverPlan } from '../load/client/driver-plan.ts'
import type { RequestRecord } from '../model/record.ts'
import {
  createContainer,
  waitForExit,
  getImageName,
  testLabel,
  removeContainers,
  startApp,
  startNginx,
  startPair,
} from './stage/docker.ts'
import type { Pair } from './stage/docker.ts'
import { runDocker } from './stage/kind-traces.ts'

/** The result of a request in flight when a container got a signal, how the container ended, and how soon. */
async function signalDuringRequest(
  pair: Pair,
  which: 'nginx' | 'app',
  signal: string,
): Promise<{ answer: string; exitCode: number; ms: number }> {
  const answer = fetch(`${pair.url}/?ms=2000`).then(
    async (response) => `${response.status} ${(await response.text()).slice(0, 1)}`,
    () => 'lost',
  )
  await sleep(500)
  const began = performance.now()
  runDocker('kill', '--signal', signal, pair[which].getId())
  const exitCode = await waitForExit(pair[which])
  return { ms: performance.now() - began, exitCode, answer: await answer }
}

const scripts = {
  nginx:
    'id -u; id -g; pwd; printenv PATH; stat -c "%a %u %s" /etc/nginx/nginx.conf; sha256sum /etc/nginx/nginx.conf; nginx -v 2>&1',
  app: 'id -u; id -g; pwd; printenv | grep ^PYTHON | sort; stat -c "%a %u %s %n" *; sha256sum *; touch x 2>&1; gunicorn --version',
} as const

/** The output of a script in a pod of the embedded cluster. */
async function runAndReadLog(api: KubeApi, image: keyof typeof scripts): Promise<string> {
  const place = { namespace: 'default', name: image }
  const containers = [{ name: 'it', image: getImageName(image), command: ['sh', '-c', scripts[image]] }]
  const body = { metadata: { name: image }, spec: { containers, restartPolicy: 'Never' } }
  await api.core.createNamespacedPod({ namespace: place.namespace, body })
  const readPhase = async (): Promise<string> => (await api.core.readNamespacedPod(place)).status?.phase ?? ''
  await expect.poll(readPhase, { timeout: 30_000 }).toMatch(/Succeeded|Failed/)
  return await api.core.readNamespacedPodLog(place)
}

describe('the sample images on Docker', () => {
  let stateDir: string
  beforeAll(async () => {
    removeContainers()
    stateDir = mkdtempSync(join(tmpdir(), 'nodrop-docker-'))
    const extra = { driver: { node: process.execPath } }
    await buildImages({ folder: join(import.meta.dirname, '../../apps'), extra, stateDir, log: () => {} })
  })
  afterEach(removeContainers)
  afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

  test('nginx answers only while there is an application, neither is root', async () => {
    const proxy = await startNginx()
    const alone = await fetch(`${proxy.url}/healthz`)
    const hostname = runDocker('inspect', '--format', '{{.Config.Hostname}}', proxy.nginx.getId()).trim()
    expect([alone.status, alone.headers.get('x-nodrop-pod')]).toEqual([502, hostname])
    const app = await startApp(proxy)
    expect(await (await fetch(`${proxy.url}/healthz`)).text()).toBe('ok\n')
    for (const one of [proxy.nginx, app]) {
      const { output } = await one.exec(['sh', '-c', 'stat -c "%u %g" /proc/1; grep CapEff /proc/1/status'])
      expect(output).toMatch(/^10001 10001\nCapEff:\s*0{16}/)
    }
  })

  test('a request comes back with its id, bodies of any size both ways', async () => {
    await using pair = await startPair()
    const headers = { 'x-request-id': 'a-1' }
    const answer = await fetch(`${pair.url}/`, { method: 'POST', headers, body: 'x'.repeat(64) })
    expect(answer.headers.get('x-request-id')).toBe('a-1')
    expect(answer.headers.get('x-nodrop-workload')).toBe('docker')
    expect(await answer.json()).toMatchObject({ id: 'a-1', method: 'POST', received: 64 })
    // More than nginx's buffers hold in memory, on its way in and out.
    const large = await fetch(`${pair.url}/?bytes=5000000`, { method: 'POST', body: 'x'.repeat(900_000) })
    const text = await large.text()
    expect(text.length).toBe(5_000_000)
    expect(JSON.parse(text.slice(0, text.indexOf('\n')))).toMatchObject({ received: 900_000 })
    expect((await fetch(`${pair.url}/?ms=x`)).status).toBe(400)
  })

  test('TERM makes nginx drop the request that is under way, QUIT lets it finish', async () => {
    await using first = await startPair()
    const term = await signalDuringRequest(first, 'nginx', 'TERM')
    expect(term).toMatchObject({ answer: 'lost', exitCode: 0 })
    expect(term.ms).toBeLessThan(1_500)
    await using second = await startPair()
    expect(await signalDuringRequest(second, 'nginx', 'QUIT')).toMatchObject({ answer: '200 {', exitCode: 0 })
  })

  test('gunicorn lets it finish on TERM, and on QUIT with threads', async () => {
    for (const signal of ['TERM', 'QUIT']) {
      await using pair = await startPair()
      const { answer, exitCode, ms } = await signalDuringRequest(pair, 'app', signal)
      expect([signal, answer, exitCode]).toEqual([signal, '200 {', 0])
      expect(ms).toBeGreaterThan(1_000) // it ended after its request, not before
    }
  })

  test('an entrypoint without exec keeps TERM from gunicorn until KILL', async () => {
    const proxy = await startNginx()
    const runUntilStopped = async (entrypoint: string): Promise<{ exitCode: number; ms: number }> => {
      const app = await startApp(proxy, entrypoint)
      const began = performance.now()
      runDocker('stop', '--time', '3', app.getId())
      return { exitCode: await waitForExit(app), ms: performance.now() - began }
    }
    const without = await runUntilStopped('/app/entrypoint-without-exec.sh')
    expect(without.exitCode).toBe(137)
    expect(without.ms).toBeGreaterThanOrEqual(3_000)
    expect((await runUntilStopped('/app/entrypoint.sh')).exitCode).toBe(0)
  })

  test('the driver settles every request of a load that outlives its server', async () => {
    await using network = await new Network().start()
    await using pair = await startPair(network)
    const { headers, sha256 } = createCredential()
    await using driver = await createContainer('driver')
      .withNetwork(network)
      .withEnvironment({ NODROP_DRIVER_HOST: '0.0.0.0', NODROP_DRIVER_TOKEN_SHA256: sha256 })
      .withCopyContentToContainer([{ content: await bundleDriver(), target: '/driver/driver.mjs' }])
      .withExposedPorts(8089)
      .start()
    const control = `http://${driver.getHost()}:${driver.getMappedPort(8089)}`
    const client = new DriverClient(async ({ method, path, body, signal }) => {
      const options = { method, headers, ...(body !== undefined && { body }), ...(signal && { signal }) }
      const answer = await fetch(control + path, options)
      return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) }
    }, startClock())
    const shares = { fresh: 0.5, reused: 0.3, 'reused-post': 0.2 }
    const load = { ratePerSecond: 100, shares, workMs: 20, thinkMs: 100, timeoutMs: 2000 }
    const target = { host: pair.nginx.getIpAddress(network.getName()), port: 8080 }
    await client.prepareAndStart(createDriverPlan({ load, target, runToken: 'docker', workload: 'docker', seed: 1 }))
    const ending = sleep(1500).then(() => runDocker('kill', '--signal', 'TERM', pair.nginx.getId()))
    const stopping = sleep(3000).then(() => client.stop())
    const records: RequestRecord[] = []
    let planned = -1
    for await (const batch of client.records()) {
      records.push(...batch.records)
      if (batch.done) ({ planned } = batch)
    }
    await Promise.all([ending, stopping])
    const bySeq = records.sort((a, b) => a.seq - b.seq)
    expect(bySeq.map(({ seq }) => seq)).toEqual(Array.from({ length: planned }, (_, seq) => seq))
    expect(new Set(bySeq.slice(0, 100).map(({ outcome }) => outcome))).toEqual(new Set(['ok']))
    // Docker removes a container's address when it ends: packets to it get no answer. Requests that became due during the stop were never
    // sent.
    const last = bySeq.slice(-50).filter(({ outcome }) => outcome !== 'stopped')
    expect(last.length).toBeGreaterThan(0)
    expect(last.filter(({ outcome }) => outcome !== 'connect-timeout' && outcome !== 'unreachable')).toEqual([])
  })

  test('a container equals what the embedded cluster makes of its Dockerfile', async () => {
    await using cluster = await startEmbeddedCluster({ stateDir, nodes: 1 })
    const api = connectApi(cluster.kubeconfig)
    for (const image of ['nginx', 'app'] as const) {
      const run = ['run', '--rm', '--label', testLabel, '--network', 'none', '--entrypoint', 'sh']
      const onDocker = runDocker(...run, getImageName(image), '-c', scripts[image])
      expect(onDocker).toMatch(/^10001\n10001\n/)
      // A kubelet uses the user of an image, but not its group.
      expect(await runAndReadLog(api, image)).toBe(onDocker.replace(/^10001\n10001\n/, '10001\n0\n'))
    }
    api.close()
  })
})
