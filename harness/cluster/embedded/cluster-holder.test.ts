import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { getErrorMessage } from '../../base/fault.ts'
import { getOwnIdentity } from './process-identity.ts'
import { removeHolder, readHolder, findHeldCluster, writeHolder } from './cluster-holder.ts'

let directory: string
const children: ChildProcess[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-standing-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

const described = { kind: 'local', kubeconfig: '/x/kubeconfig', description: 'an embedded cluster' } as const

/** A process with these arguments, recorded as the keeper, with a change to the record. */
async function startHolder(
  words: readonly string[],
  change = (_startTime: string): object => ({}),
): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', 'echo; read line', ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout, 'data')
  writeHolder(directory, described)
  const path = join(directory, 'cluster.json')
  const keeper = JSON.parse(readFileSync(path, 'utf8')) as { startTime: string }
  const [ticks = '', boot] = keeper.startTime.split('@')
  expect(ticks).toBe(readTicks(process.pid))
  const startTime = `${readTicks(child.pid)}@${boot}`
  writeFileSync(path, JSON.stringify({ ...keeper, pid: child.pid, startTime, ...change(startTime) }))
  return child
}

function readTicks(pid: number | undefined): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21] ?? ''
}

const buildHolderArgv = (place: string): string[] => [
  '/x/cli/up/hold-cluster.ts',
  JSON.stringify({ choice: 'local', directory: place }),
]

test('cluster holder: using its cluster does not end it', async () => {
  const { pid } = await startHolder(buildHolderArgv(directory))
  const running = findHeldCluster(directory)
  expect(running).toMatchObject({ pid, cluster: described })
  await running?.cluster[Symbol.asyncDispose]()
  expect(readHolder(directory)).not.toBeNull()
})

test('cluster holder: when it has ended its cluster is lost, and forgotten', async () => {
  const child = await startHolder(buildHolderArgv(directory))
  writeFileSync(join(directory, 'kubeconfig'), '')
  const running = findHeldCluster(directory)
  expect(running?.cluster.lost.aborted).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(readHolder(directory)).toBeNull()
  await vi.waitFor(() => expect(running?.cluster.lost.aborted).toBe(true), 5_000)
  expect(getErrorMessage(running?.cluster.lost.reason)).toBe(
    'The cluster that nodrop up started has ended: an embedded cluster',
  )
  await running?.cluster[Symbol.asyncDispose]()
  expect(findHeldCluster(directory)).toBeNull()
  expect(existsSync(directory)).toBe(false)
})

test.each([
  ['began at another time', () => ({ startTime: '1' }), buildHolderArgv],
  ['began in another boot', (startTime: string) => ({ startTime: `${startTime}0` }), buildHolderArgv],
  ['is said to have begun at no time', () => ({ startTime: '' }), buildHolderArgv],
  ['is another program', () => ({}), (place: string) => ['/x/commands/other.ts', JSON.stringify({ directory: place })]],
  ['keeps the cluster of another directory', () => ({}), (place: string) => buildHolderArgv(`${place}-other`)],
  ['is this one', getOwnIdentity, buildHolderArgv],
])('a process that %s is not taken for the keeper', async (_, change, words) => {
  await startHolder(words(directory), change)
  expect(readHolder(directory)).toBeNull()
})

test.each([
  ['half of it', (text: string) => text.slice(0, 40)],
  ['nothing', () => ''],
  ['another kind of JSON', () => '[1]'],
  ['every process of this user', (text: string) => text.replace(/"pid": \d+/, '"pid": -1')],
  ['the process group of the reader', (text: string) => text.replace(/"pid": \d+/, '"pid": 0')],
])('a record with %s: the holder of the cluster is unknown, which is reported with the file', (_, change) => {
  writeHolder(directory, described)
  const path = join(directory, 'cluster.json')
  writeFileSync(path, change(readFileSync(path, 'utf8')))
  const told = { exitCode: 3, message: expect.stringContaining(path) as string }
  expect(() => readHolder(directory)).toThrow(expect.objectContaining(told))
})

test('cluster holder: what is being started without one is left alone', () => {
  writeFileSync(join(directory, 'kubeconfig'), '')
  expect(findHeldCluster(directory)).toBeNull()
  expect(existsSync(join(directory, 'kubeconfig'))).toBe(true)
})

test('cluster holder: removing it leaves nothing behind', () => {
  writeHolder(directory, described)
  removeHolder(directory)
  expect(existsSync(directory)).toBe(false)
})
