/** With stand-ins for kind and docker that record their calls; kind.kind.test.ts uses the real programs. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Fault } from '../../base/fault.ts'
import { writeCleanupRecord } from './cleanup-record.ts'
import type { KindCleanupRecord } from './cleanup-record.ts'
import { sweepKindClusters } from './cleanup-record.ts'
import { startKindCluster } from './kind-cluster.ts'

let folder: string
let stateDir: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-fake-kind-'))
  stateDir = join(folder, 'state')
  mkdirSync(join(folder, 'bin'))
  vi.stubEnv('PATH', `${join(folder, 'bin')}:/usr/bin:/bin`)
  writeProgram('docker', '')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const callsFile = (): string => join(folder, 'calls')
const readCalls = (): string[] => (existsSync(callsFile()) ? readFileSync(callsFile(), 'utf8').trim().split('\n') : [])

function writeProgram(name: string, script: string): void {
  const text = `#!/bin/sh\necho "${name} $*" >> '${callsFile()}'\n${script}\n`
  writeFileSync(join(folder, 'bin', name), text, { mode: 0o755 })
}

/** For a process that has ended. */
function writeAbandonedRecord(name: string, more: Partial<KindCleanupRecord> = {}): void {
  writeCleanupRecord(stateDir, {
    name,
    kubeconfig: join(stateDir, `${name}.kubeconfig`),
    keep: false,
    removeNetwork: false,
  })
  const file = join(stateDir, `${name}.kind-intent.json`)
  const { pid } = spawnSync('true')
  const intent = { ...(JSON.parse(readFileSync(file, 'utf8')) as KindCleanupRecord), pid, ...more }
  writeFileSync(file, JSON.stringify(intent))
}

test('kind: the record is on disk first, logs are exported before deletion', async () => {
  const seen = join(folder, 'seen')
  writeProgram(
    'kind',
    `case "$1" in create) cat '${stateDir}'/x.kind-intent.json > '${seen}'; echo ' • Preparing nodes 📦  ...' >&2; echo ERROR: no space >&2; exit 1;; esac`,
  )
  const lines: string[] = []
  const failure: unknown = await startKindCluster({ stateDir, name: 'x', log: (line) => lines.push(line) }).catch(
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(Fault)
  expect(failure).toMatchObject({ kind: 'environment', message: expect.stringContaining('ERROR: no space') as string })
  expect(JSON.parse(readFileSync(seen, 'utf8'))).toMatchObject({ name: 'x', pid: process.pid, keep: false })
  expect(lines).toContain('kind: Preparing nodes')
  expect(
    readCalls()
      .filter((call) => call.startsWith('kind'))
      .map((call) => call.split(' ')[1]),
  ).toEqual(['create', 'export', 'delete'])
  expect(existsSync(join(stateDir, 'x.kind-intent.json'))).toBe(false)
})

test('kind: it gets a kubeconfig of its own, never its user’s', async () => {
  vi.stubEnv('KUBECONFIG', '/home/somebody/.kube/config')
  writeProgram('kind', `echo "KUBECONFIG=$KUBECONFIG" >> '${callsFile()}'; exit 1`)
  await expect(startKindCluster({ stateDir, name: 'x', log: () => undefined })).rejects.toThrow(Fault)
  expect(readCalls().join('\n')).not.toContain('/home/somebody')
  const writing = readCalls().filter((call) => /^kind (create|delete)/.test(call))
  expect(writing.every((call) => call.includes(`--kubeconfig ${join(stateDir, 'x.kubeconfig')}`))).toBe(true)
})

test('kind: a cluster that cannot be deleted keeps its cleanup record', async () => {
  writeProgram('kind', 'exit 1')
  writeProgram('docker', `case "$*" in ps*) echo x-control-plane;; esac`)
  writeAbandonedRecord('x')
  const lines: string[] = []
  expect(await sweepKindClusters(folder, (line) => lines.push(line))).toEqual([])
  expect(lines).toEqual([
    expect.stringMatching(/^deleting the kind cluster x, which an earlier nodrop \(process \d+\) left behind$/),
    expect.stringMatching(
      /^cannot delete the kind cluster x, nodrop sweep tries again: Containers .*\(x-control-plane\)/,
    ),
    'Remove them with: docker rm --force --volumes x-control-plane',
  ])
  expect(existsSync(join(stateDir, 'x.kind-intent.json'))).toBe(true)
})

test('kind: a sweep says what it waits for, for how long, and what did not end', async () => {
  writeProgram('kind', 'exec sleep 60')
  writeProgram('docker', `case "$*" in ps*) echo x-control-plane;; rm*) exec sleep 60;; esac`)
  writeAbandonedRecord('x')
  const lines: string[] = []
  const limits = { limitMs: 1_000, noticeMs: 100 }
  expect(await sweepKindClusters(folder, (line) => lines.push(line), { limits })).toEqual([])
  expect(lines.slice(1)).toEqual([
    'waiting for kind delete (1 s at most)',
    'waiting for docker rm (1 s at most)',
    expect.stringMatching(
      /^cannot delete the kind cluster x, .* are still there \(x-control-plane\): docker rm --force had not ended after 1 s/,
    ),
    'Remove them with: docker rm --force --volumes x-control-plane',
  ])
  expect(readCalls().filter((call) => call.startsWith('docker rm'))).toHaveLength(1)
})

test.each([
  ['is not there yet', 'echo Error: No such network: kind >&2; exit 1', true],
  ['is used by clusters of other runs only', 'echo nodrop-a-worker nodrop-b-worker', true],
  ['is there and used by nothing', 'echo', false],
  ['is used by a cluster of another process', 'echo nodrop-a-worker kind-worker', false],
])('the network of all kind clusters is removed only if ours: it %s', async (_, inspection, ours) => {
  const seen = join(folder, 'seen')
  writeProgram('docker', `case "$*" in 'network inspect'*) ${inspection};; esac`)
  writeProgram('kind', `case "$1" in create) cat '${stateDir}'/x.kind-intent.json > '${seen}';; esac; exit 1`)
  await expect(startKindCluster({ stateDir, name: 'x', log: () => undefined })).rejects.toThrow(Fault)
  expect(JSON.parse(readFileSync(seen, 'utf8'))).toMatchObject({ removeNetwork: ours })
  expect(readCalls().includes('docker network rm kind')).toBe(ours)
})

test('kind: a sweep deletes only what no living process uses', async () => {
  writeProgram('kind', '')
  writeAbandonedRecord('dead')
  writeAbandonedRecord('recycled', { pid: process.pid, startTime: '1' })
  writeAbandonedRecord('kept', { keep: true })
  writeCleanupRecord(stateDir, { name: 'alive', kubeconfig: join(stateDir, 'k'), keep: false, removeNetwork: false })
  writeFileSync(join(stateDir, 'torn.kind-intent.json'), '{"schema":1,"na')
  writeAbandonedRecord('strange', { name: '--all' })
  expect((await sweepKindClusters(folder)).sort()).toEqual(['dead', 'recycled'])
  const deletions = readCalls().filter((call) => call.startsWith('kind delete'))
  expect(deletions.map((call) => call.split(' ')[4] ?? '').sort()).toEqual(['dead', 'recycled'])
  expect(await sweepKindClusters(folder)).toEqual([])
})

test('kind: a machine without Docker gets one message', async () => {
  rmSync(join(folder, 'bin', 'docker'))
  vi.stubEnv('PATH', join(folder, 'bin'))
  const started = startKindCluster({ stateDir, name: 'x', log: () => undefined })
  await expect(started).rejects.toMatchObject({
    kind: 'environment',
    message: 'Cannot run docker: this machine does not have it',
  })
  expect(existsSync(stateDir)).toBe(false)
})

test('kind: a name that could be taken for an option is refused', async () => {
  const started = startKindCluster({ stateDir, name: '--help', log: () => undefined })
  await expect(started).rejects.toMatchObject({ kind: 'usage' })
  expect(readCalls()).toEqual([])
})
