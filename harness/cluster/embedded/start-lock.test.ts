import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockDirectory } from './start-lock.ts'

let parent: string
let directory: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'nodrop-lock-'))
  directory = join(parent, 'cluster', 'local')
})
afterEach(() => rmSync(parent, { recursive: true }))

const holder = `
  import { lockDirectory } from ${JSON.stringify(join(import.meta.dirname, 'start-lock.ts'))}
  const lock = await lockDirectory(process.argv[1], { limitMs: 0, onWait: () => {} })
  console.log('has it')
  process.stdin.once('data', () => { lock[Symbol.dispose](); process.exit() })
`

async function startLockOwner(): Promise<ReturnType<typeof spawn>> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', holder, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

const failOnWait = (): never => expect.fail('no process has the lock')

test('start lock: who comes second waits, and nothing is left', async () => {
  const first = await startLockOwner()
  const holders: number[] = []
  const second = lockDirectory(directory, { limitMs: 10_000, onWait: ({ pid }) => holders.push(pid) })
  expect(await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 150, 'waits'))])).toBe('waits')
  expect(holders).toEqual([first.pid])
  first.stdin?.write('done')
  using _lock = await second
  expect(statSync(`${directory}.lock`).mode & 0o777).toBe(0o600)
  _lock[Symbol.dispose]()
  expect(readdirSync(join(parent, 'cluster'))).toEqual([])
})

test('start lock: who waits for too long is told who has it', async () => {
  const first = await startLockOwner()
  const second = lockDirectory(directory, { limitMs: 0, onWait: () => undefined })
  await expect(second).rejects.toMatchObject({
    kind: 'unknown',
    message: expect.stringContaining(`${first.pid}`) as string,
  })
  first.stdin?.write('done')
  await once(first, 'exit')
})

test('start lock: that of a killed process, or of none, is free', async () => {
  const first = await startLockOwner()
  first.kill('SIGKILL')
  await once(first, 'exit')
  expect(existsSync(`${directory}.lock`)).toBe(true)
  ;(await lockDirectory(directory, { limitMs: 0, onWait: failOnWait }))[Symbol.dispose]()
  writeFileSync(`${directory}.lock`, '{')
  ;(await lockDirectory(directory, { limitMs: 0, onWait: failOnWait }))[Symbol.dispose]()
})
