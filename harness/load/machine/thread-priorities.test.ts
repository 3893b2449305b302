import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { release, setPriority } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { setThreadPriorities } from './thread-priorities.ts'

const children: ChildProcess[] = []
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')))

function startProcess(...args: [string, ...string[]]): ChildProcess & { pid: number } {
  const child = spawn(args[0], args.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] })
  children.push(child)
  return Object.assign(child, { pid: child.pid ?? 0 })
}

/** ns; `null` where the kernel does not tell. */
function readSlice(pid: number): number | null {
  try {
    const found = /^se\.slice\s*:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/sched`, 'latin1'))?.[1]
    return found === undefined ? null : Number(found)
  } catch {
    return null
  }
}

/** proc_pid_stat(5): fields 19 and 41, of a name without blanks. */
function readPriority(pid: number, thread: number): { nice: number; policy: number } {
  const fields = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1').split(' ').map(Number)
  return { nice: fields[18] ?? NaN, policy: fields[40] ?? NaN }
}

const [major = 0, minor = 0] = release().split('.').map(Number)
const isNew = major > 6 || (major === 6 && minor >= 12)

test.skipIf(!isNew || readSlice(process.pid) === null)('the thread that sends gets a slice of a tenth of a ms', () => {
  const { pid } = startProcess('sleep', '60')
  expect(readSlice(pid)).toBeGreaterThan(100_000)
  expect(setThreadPriorities(pid)).toBe(true)
  expect(readSlice(pid)).toBe(100_000)
})

test('thread priorities: V8’s threads are nicer by 10 and SCHED_BATCH', async () => {
  for (const [nice, others] of [
    [3, 13],
    [12, 19],
  ] as const) {
    const child = startProcess(process.execPath, '-e', 'console.log(1); setTimeout(() => {}, 60_000)')
    const { pid } = child
    await once(child.stdout!, 'data')
    const threads = readdirSync(`/proc/${pid}/task`).map(Number)
    for (const thread of threads) setPriority(thread, nice)
    expect(setThreadPriorities(pid)).toBe(true)
    expect(readPriority(pid, pid)).toEqual({ nice, policy: 0 })
    const rest = threads.filter((thread) => thread !== pid)
    expect(rest.length).toBeGreaterThanOrEqual(4)
    for (const thread of rest) expect(readPriority(pid, thread)).toEqual({ nice: others, policy: 3 })
  }
})

test('thread priorities: false for an ended process, or without perl', () => {
  expect(setThreadPriorities(2 ** 22 - 1)).toBe(false)
  const path = process.env['PATH']
  process.env['PATH'] = '/nonexistent'
  try {
    expect(setThreadPriorities()).toBe(false)
  } finally {
    process.env['PATH'] = path
  }
})
