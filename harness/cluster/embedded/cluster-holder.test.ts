import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { messageOf } from '../../base/fault.ts'
import { ownMark } from './process-identity.ts'
import { forgetKeeper, readKeeper, runningCluster, writeKeeper } from './cluster-holder.ts'

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

/** A process with such words, written down as the keeper, with what is changed about it. */
async function keptBy(words: readonly string[], change = (_startTime: string): object => ({})): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', 'echo; read line', ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout, 'data')
  writeKeeper(directory, described)
  const path = join(directory, 'cluster.json')
  const keeper = JSON.parse(readFileSync(path, 'utf8')) as { startTime: string }
  const [ticks = '', boot] = keeper.startTime.split('@')
  expect(ticks).toBe(ticksOf(process.pid))
  const startTime = `${ticksOf(child.pid)}@${boot}`
  writeFileSync(path, JSON.stringify({ ...keeper, pid: child.pid, startTime, ...change(startTime) }))
  return child
}

function ticksOf(pid: number | undefined): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21] ?? ''
}

const asKeeper = (place: string): string[] => [
  '/x/commands/keep.ts',
  JSON.stringify({ choice: 'local', directory: place }),
]

test('a cluster whose keeper runs can be used, and using it does not end it', async () => {
  const { pid } = await keptBy(asKeeper(directory))
  const running = runningCluster(directory)
  expect(running).toMatchObject({ pid, cluster: described })
  await running?.cluster[Symbol.asyncDispose]()
  expect(readKeeper(directory)).not.toBeNull()
})

test('a keeper that has ended is none, its kubeconfig does not stay, and those who use its cluster are told', async () => {
  const child = await keptBy(asKeeper(directory))
  writeFileSync(join(directory, 'kubeconfig'), '')
  const running = runningCluster(directory)
  expect(running?.cluster.lost.aborted).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(readKeeper(directory)).toBeNull()
  await vi.waitFor(() => expect(running?.cluster.lost.aborted).toBe(true), 5_000)
  expect(messageOf(running?.cluster.lost.reason)).toBe(
    'The cluster that nodrop up started has ended: an embedded cluster',
  )
  await running?.cluster[Symbol.asyncDispose]()
  expect(runningCluster(directory)).toBeNull()
  expect(existsSync(directory)).toBe(false)
})

test.each([
  ['began at another time', () => ({ startTime: '1' }), asKeeper],
  ['began in another boot', (startTime: string) => ({ startTime: `${startTime}0` }), asKeeper],
  ['is said to have begun at no time', () => ({ startTime: '' }), asKeeper],
  ['is another program', () => ({}), (place: string) => ['/x/commands/other.ts', JSON.stringify({ directory: place })]],
  ['keeps the cluster of another directory', () => ({}), (place: string) => asKeeper(`${place}-other`)],
  ['is this one', ownMark, asKeeper],
])('a process that %s is not taken for the keeper', async (_, change, words) => {
  await keptBy(words(directory), change)
  expect(readKeeper(directory)).toBeNull()
})

test.each([
  ['half of it', (text: string) => text.slice(0, 40)],
  ['nothing', () => ''],
  ['another kind of JSON', () => '[1]'],
  ['every process of this user', (text: string) => text.replace(/"pid": \d+/, '"pid": -1')],
  ['the group of whoever asks', (text: string) => text.replace(/"pid": \d+/, '"pid": 0')],
])('where %s is written down nobody can tell who keeps the cluster, which is told with the file', (_, change) => {
  writeKeeper(directory, described)
  const path = join(directory, 'cluster.json')
  writeFileSync(path, change(readFileSync(path, 'utf8')))
  const told = { exitCode: 3, message: expect.stringContaining(path) as string }
  expect(() => readKeeper(directory)).toThrow(expect.objectContaining(told))
})

test('what is being started and has no keeper yet is left alone', () => {
  writeFileSync(join(directory, 'kubeconfig'), '')
  expect(runningCluster(directory)).toBeNull()
  expect(existsSync(join(directory, 'kubeconfig'))).toBe(true)
})

test('forgetting leaves nothing behind', () => {
  writeKeeper(directory, described)
  forgetKeeper(directory)
  expect(existsSync(directory)).toBe(false)
})
