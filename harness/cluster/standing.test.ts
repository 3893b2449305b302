import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forgetKeeper, readKeeper, runningCluster, writeKeeper } from './standing.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-standing-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const described = { kind: 'local', kubeconfig: '/x/kubeconfig', description: 'an embedded cluster' } as const

test('a cluster whose keeper runs can be used, and using it does not end it', async () => {
  writeKeeper(directory, described)
  const running = runningCluster(directory)
  expect(running).toMatchObject({ pid: process.pid, cluster: described })
  await running?.cluster[Symbol.asyncDispose]()
  expect(readKeeper(directory)).not.toBeNull()
})

test('a keeper that has ended is none', async () => {
  const child = spawn('sleep', ['60'])
  writeKeeper(directory, described)
  const path = join(directory, 'cluster.json')
  const keeper = JSON.parse(readFileSync(path, 'utf8')) as object
  const startTime = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ')[21]
  writeFileSync(path, JSON.stringify({ ...keeper, pid: child.pid, startTime }))
  expect(readKeeper(directory)).not.toBeNull()
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(readKeeper(directory)).toBeNull()
})

test('another process that got the same number is not taken for the keeper', () => {
  writeKeeper(directory, described)
  const path = join(directory, 'cluster.json')
  const keeper = JSON.parse(readFileSync(path, 'utf8')) as object
  writeFileSync(path, JSON.stringify({ ...keeper, startTime: '1' }))
  expect(readKeeper(directory)).toBeNull()
})

test.each([
  ['half of it', (text: string) => text.slice(0, 40)],
  ['nothing', () => ''],
  ['another kind of JSON', () => '[1]'],
  ['a process group in place of a process', (text: string) => text.replace(/"pid": \d+/, '"pid": -1')],
])('where %s is written down nobody can tell who keeps the cluster, which is told with the file', (_, change) => {
  writeKeeper(directory, described)
  const path = join(directory, 'cluster.json')
  writeFileSync(path, change(readFileSync(path, 'utf8')))
  const told = { exitCode: 3, message: expect.stringContaining(path) as string }
  expect(() => readKeeper(directory)).toThrow(expect.objectContaining(told))
})

test('forgetting leaves nothing behind', () => {
  writeKeeper(directory, described)
  forgetKeeper(directory)
  expect(existsSync(directory)).toBe(false)
})
