import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectApi } from '../api.ts'
import { listContainers } from './containers.ts'
import { sweepKindClusters } from './cleanup-record.ts'
import { checkKindMachine } from './kind-machine.ts'
import { startKindCluster } from './kind-cluster.ts'

const image = process.env['NODROP_KIND_IMAGE'] ?? 'kindest/node:v1.34.4'

let stateDir: string
let networksBefore: string
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'nodrop-kind-'))
  networksBefore = listNetworks()
})
afterEach(() => rmSync(stateDir, { recursive: true, force: true }))

const runDocker = (...args: string[]): string => execFileSync('docker', args, { encoding: 'utf8' })
const listNetworks = (): string => runDocker('network', 'ls', '--format', '{{.Name}}')
const listVolumes = (): string => runDocker('volume', 'ls', '--quiet')

async function expectNothingLeft(name: string): Promise<void> {
  expect(await listContainers(name)).toEqual([])
  expect(listNetworks()).toBe(networksBefore)
  expect(readdirSync(stateDir).filter((file) => !file.endsWith('-logs') && file !== 'decoy')).toEqual([])
}

test('kind: a cluster is ready when started, and deleted without a trace', async () => {
  const decoy = join(stateDir, 'decoy')
  writeFileSync(decoy, 'current-context: somebody-else\n')
  process.env['KUBECONFIG'] = decoy
  const volumesBefore = listVolumes()
  const lines: string[] = []
  const name = 'nodrop-test-whole'
  {
    await using cluster = await startKindCluster({ stateDir, name, image, workers: 1, log: (line) => lines.push(line) })
    expect(cluster.description).toMatch(/^kind cluster nodrop-test-whole of 2 nodes, Kubernetes v1\./)
    expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600)
    const api = connectApi(cluster.kubeconfig)
    const { items } = await api.core.listNode()
    expect(items.map(({ metadata }) => metadata?.labels?.['nodrop.dev/cluster'])).toEqual([name, name])
    const { items: pods } = await api.core.listNamespacedPod({ namespace: 'kube-system' })
    expect(pods.filter(({ status }) => status?.phase !== 'Running')).toEqual([])
    api.close()
    expect(cluster.lost.aborted).toBe(false)
    const shares = runDocker(
      'inspect',
      '--format',
      '{{.HostConfig.CpuShares}}',
      `${name}-worker`,
      `${name}-control-plane`,
    )
    expect(shares).toBe('262144\n0\n')
    const weights = 'cat /sys/fs/cgroup/cpu/kubelet*/cpu.shares /sys/fs/cgroup/kubelet*/cpu.weight 2>/dev/null || true'
    expect(runDocker('exec', `${name}-worker`, 'sh', '-c', weights)).toMatch(/^(262144|10000)\n$/)

    runDocker('rm', '--force', '--volumes', `${name}-worker`)
    for (let i = 0; i < 50 && !cluster.lost.aborted; i++) await sleep(100)
    expect(String(cluster.lost.reason)).toContain(`lost its node ${name}-worker`)
  }
  delete process.env['KUBECONFIG']
  expect(lines).toContain('kind: Preparing nodes')
  expect(lines.at(-1)).toBe(`deleting the kind cluster ${name}`)
  expect(readFileSync(decoy, 'utf8')).toBe('current-context: somebody-else\n')
  expect(listVolumes()).toBe(volumesBefore)
  await expectNothingLeft(name)
})

test('kind: an interrupted start deletes what was made so far', async () => {
  const name = 'nodrop-test-abort'
  const controller = new AbortController()
  const started = startKindCluster({
    stateDir,
    name,
    image,
    workers: 1,
    log: (line) => {
      // Kubernetes is being set up: the containers run, but the kubeconfig is not written yet.
      if (line.includes('Starting control-plane')) controller.abort(new Error('Ctrl-C'))
    },
    signal: controller.signal,
  })
  await expect(started).rejects.toThrow('Ctrl-C')
  await expectNothingLeft(name)
})

// Needs its own cluster for a rare case.
const all = process.env['NODROP_KIND'] === 'all'
test.runIf(all)('kind: a failure on the nodes ends the start, and nothing is left', async () => {
  const name = 'nodrop-test-given'
  const log = (line: string): void => void lines.push(line)
  const lines: string[] = []
  const onNodes = async (kubeconfig: string): Promise<never> => {
    const api = connectApi(kubeconfig)
    expect((await api.core.listNode()).items).toHaveLength(1)
    api.close()
    throw new Error('no such image')
  }
  await expect(startKindCluster({ stateDir, name, image, workers: 0, log, onNodes })).rejects.toThrow('no such image')
  expect(lines.at(-1)).toBe(`deleting the kind cluster ${name}`)
  await expectNothingLeft(name)
})

test('kind: a sweep deletes what a killed process was making', async () => {
  const name = 'nodrop-test-killed'
  const script = `
    const { startKindCluster } = await import(${JSON.stringify(join(import.meta.dirname, 'kind-cluster.ts'))})
    await startKindCluster({ ...JSON.parse(process.argv[1]), log: (line) => console.log(line) })`
  const options = JSON.stringify({ stateDir, name, image, workers: 1 })
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  while (!said.includes('Writing configuration')) await sleep(50)
  expect(await sweepKindClusters(stateDir)).toEqual([])
  expect(await listContainers(name)).not.toEqual([])
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await sweepKindClusters(stateDir)).toEqual([name])
  await expectNothingLeft(name)
  expect(await sweepKindClusters(stateDir)).toEqual([])
})

test('kind: an image that cannot be had fails with what kind said', async () => {
  const name = 'nodrop-test-image'
  const started = startKindCluster({ stateDir, name, image: 'localhost:1/no-such-image:1', log: () => undefined })
  await expect(started).rejects.toThrow(/^Cannot create the kind cluster nodrop-test-image: .*no-such-image/s)
  await expectNothingLeft(name)
})

test('kind: a failed creation leaves the logs of its nodes', async () => {
  const name = 'nodrop-test-logs'
  const log = (line: string): void => {
    const gone = ['/usr/bin/kubeadm', '/usr/local/bin/kubeadm']
    if (line.includes('Writing configuration')) runDocker('exec', `${name}-control-plane`, 'rm', '--force', ...gone)
  }
  const started = startKindCluster({ stateDir, name, image, workers: 0, log })
  const failure: unknown = await started
    .then((cluster) => cluster[Symbol.asyncDispose]())
    .catch((error: unknown) => error)
  expect(failure).toHaveProperty('advice', expect.stringContaining(`${name}-logs`))
  expect(existsSync(join(stateDir, `${name}-logs`, `${name}-control-plane`))).toBe(true)
  await expectNothingLeft(name)
})

test('kind: the checks find Docker and kind', async () => {
  const checks = await checkKindMachine()
  expect(checks.map(({ name }) => name)).toEqual(['docker', 'kind', 'inotify', 'disk', 'cgroup'])
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
})
