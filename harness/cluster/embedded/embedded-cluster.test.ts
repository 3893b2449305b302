import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { listDescendants, noTraces, filterRunning, readTraces, waitUntil } from '../../testing/residue.ts'
import type { Process } from '../../testing/residue.ts'
import { startEmbeddedCluster, writeKubeconfig } from './embedded-cluster.ts'
import { checkEmbeddedMachine } from './embedded-machine.ts'

const checks = await checkEmbeddedMachine()
const able = checks.every(({ ok }) => ok)
let stateDir = ''
let temporary = ''
beforeAll(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'nodrop-local-'))
  temporary = join(stateDir, 'tmp')
  mkdirSync(temporary)
  for (const path of [stateDir, temporary]) chmodSync(path, 0o777)
})
afterAll(() => rmSync(stateDir, { recursive: true }))

function connectClients(kubeconfig: string): { core: CoreV1Api; apps: AppsV1Api } {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return { core: config.makeApiClient(CoreV1Api), apps: config.makeApiClient(AppsV1Api) }
}

async function createWeb(apps: AppsV1Api): Promise<void> {
  const containers = [
    {
      name: 'nginx',
      image: 'nodrop/nginx:dev',
      readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 },
    },
    { name: 'app', image: 'nodrop/app:dev' },
  ]
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers, terminationGracePeriodSeconds: 1 } }
  const spec = { replicas: 2, selector: { matchLabels: { app: 'web' } }, template }
  await apps.createNamespacedDeployment({ namespace: 'default', body: { metadata: { name: 'web' }, spec } })
  await waitUntil(async () => {
    const { status } = await apps.readNamespacedDeployment({ name: 'web', namespace: 'default' })
    return status?.readyReplicas === 2
  })
}

/** Starts a cluster in a process that can be killed. */
const keeper = `
  import { startEmbeddedCluster, writeKubeconfig } from ${JSON.stringify(join(import.meta.dirname, 'embedded-cluster.ts'))}
  const cluster = await startEmbeddedCluster({ stateDir: process.argv[1] })
  console.log(cluster.kubeconfig)
`
async function startHolder(words: string[]): Promise<{ pid: number; kubeconfig: string; ended: Promise<unknown> }> {
  const argv = [...words, process.execPath, '--input-type=module', '-e', keeper, stateDir]
  const env = { ...process.env, TMPDIR: temporary }
  const child = spawn('env', argv, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const [kubeconfig] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [string]
  return { pid: child.pid ?? 0, kubeconfig, ended }
}

const isRoot = process.getuid?.() === 0
const unprivileged = isRoot ? ['setpriv', '--reuid=64123', '--regid=64123', '--clear-groups'] : []
// That user also needs access to Node and to this folder, which is missing in a clone in root's home.
const reaches = ['sh', '-c', 'test -x "$1" && test -r "$2"', 'sh', process.execPath, import.meta.filename]
const userNamespaces =
  spawnSync('env', [...unprivileged, 'unshare', '--user', '--map-root-user', ...reaches]).status === 0

test('kubeconfig: disposed of twice, it closes no other file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-kubeconfig-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = writeKubeconfig(folder, 'x')
  file[Symbol.dispose]()
  // It gets the lowest free descriptor, which is the closed one.
  const other = openSync(folder, 'r')
  file[Symbol.dispose]()
  expect(() => closeSync(other)).not.toThrow()
})

test('machine check: everything is named, with a fix where one is needed', () => {
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['system', 'programs', 'packages of the images']),
  )
  // A check that succeeds may still report possible improvements.
  for (const { name, ok, found, fix } of checks) {
    expect(found).not.toBe('')
    if (name !== 'priority' && name !== 'connection tracking') expect(fix === '').toBe(ok)
  }
})

describe.skipIf(!able)('the embedded cluster', () => {
  test('pods get ready, the API is reachable, disposing leaves nothing', async () => {
    const others = listDescendants(process.pid)
    const cluster = await startEmbeddedCluster({ stateDir, nodes: 2 })
    const listOwn = () => listDescendants(process.pid).filter(({ id }) => !others.some((other) => other.id === id))
    const { core, apps } = connectClients(cluster.kubeconfig)
    let made: Process[] = []
    try {
      expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600)
      expect((await core.listNode()).items).toHaveLength(2)
      await createWeb(apps)
      const [pod] = (await core.listNamespacedPod({ namespace: 'default' })).items
      const log = await core.readNamespacedPodLog({
        name: pod?.metadata?.name ?? '',
        namespace: 'default',
        container: 'nginx',
      })
      expect(log).toContain('start worker process')
      made = listOwn()
      expect(made.filter(({ command }) => command.startsWith('nginx: worker'))).not.toEqual([])
    } finally {
      await cluster[Symbol.asyncDispose]()
    }
    expect(filterRunning(made)).toEqual([])
    expect(listOwn()).toEqual([])
    expect(readTraces(temporary)).toEqual(noTraces)
    expect(cluster.lost.aborted).toBe(false)
    expect(readdirSync(stateDir)).toEqual(['tmp'])
  })

  test('a cluster whose process ends by itself is lost, and says so', async () => {
    await using cluster = await startEmbeddedCluster({ stateDir })
    const main = listDescendants(process.pid).findLast(({ command }) => command.includes('main.ts'))
    if (!main) throw new Error('No process of the embedded cluster was found')
    process.kill(main.pid, 'SIGKILL')
    await waitUntil(() => cluster.lost.aborted)
    expect(String(cluster.lost.reason)).toContain('ended unexpectedly')
  })

  test('a start can be given up', async () => {
    const abort = new AbortController()
    const started = startEmbeddedCluster({ stateDir, signal: abort.signal })
    setTimeout(() => abort.abort(new Error('enough')), 300)
    await expect(started).rejects.toThrow('enough')
  })

  const kinds = [
    { who: 'root', words: [], can: isRoot },
    { who: 'an unprivileged user', words: unprivileged, can: userNamespaces },
  ]
  describe.each(kinds)('as $who', ({ words, can }) => {
    test.skipIf(!can)('kill -9 of the parent leaves nothing', async () => {
      for (const whenMs of [0, 150, 'ready'] as const) {
        const { pid, kubeconfig, ended } = await startHolder(words)
        const made = createWeb(connectClients(kubeconfig).apps)
        if (whenMs === 'ready') await made
        else await sleep(whenMs)
        const descendants = listDescendants(pid)
        process.kill(pid, 'SIGKILL')
        await Promise.all([ended, made.catch(() => undefined)])
        await waitUntil(() => filterRunning(descendants).length === 0)
        expect(existsSync(kubeconfig)).toBe(false)
        if (whenMs === 'ready')
          expect(descendants.some(({ command }) => command.startsWith('nginx: worker'))).toBe(true)
      }
      expect(readTraces(temporary)).toEqual(noTraces)
    })
  })
})
