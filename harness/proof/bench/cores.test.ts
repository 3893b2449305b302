import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import { expect, test } from 'vitest'
import { chooseCores, pinCommand, readUsage } from './cores.ts'

const spin = `
const { Worker } = require('node:worker_threads')
const spin = 'for (const end = Date.now() + 60000; Date.now() < end; );'
new Worker(spin, { eval: true }).once('online', () => { console.log(1); setImmediate(() => eval(spin)) })
`

test('usage: CPU time of all threads, no wait of the nicer ones', async () => {
  const [program, ...args] = pinCommand(chooseCores().client, process.execPath, '-e', spin)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const pid = child.pid ?? 0
  try {
    await once(child.stdout, 'data')
    const threads = readdirSync(`/proc/${pid}/task`).map(Number)
    for (const thread of threads) if (thread !== pid) setPriority(thread, 10)
    await waitUntilWaited(pid, threads)
    // A stopped process has the same numbers at every reading.
    child.kill('SIGSTOP')
    await waitUntilStopped(pid)
    const [ran, waited] = [0, 1].map((field) => threads.map((thread) => readSchedstat(pid, thread)[field] ?? 0))
    const sum = ran!.reduce((total, us) => total + us, 0)
    const { cpuUs, waitUs } = readUsage(pid)
    expect(cpuUs).toBeCloseTo(sum)
    expect(waitUs).toBeCloseTo(waited![threads.indexOf(pid)]!)
  } finally {
    child.kill('SIGKILL')
  }
})

/** proc/<pid>/task/<tid>/schedstat in µs: running, and waiting for a core. */
function readSchedstat(pid: number, thread: number): number[] {
  return readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1')
    .split(' ')
    .map((ns) => Number(ns) / 1000)
}

async function waitUntilWaited(pid: number, threads: number[]): Promise<void> {
  const others = threads.filter((thread) => thread !== pid)
  await expect
    .poll(() => others.some((thread) => readSchedstat(pid, thread)[1]! > 100_000), { timeout: 20_000 })
    .toBe(true)
}

async function waitUntilStopped(pid: number): Promise<void> {
  const listStates = (): (string | undefined)[] =>
    readdirSync(`/proc/${pid}/task`).map(
      (thread) => /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1'))?.[1],
    )
  await expect.poll(() => listStates().every((state) => state === 'T'), { timeout: 5000 }).toBe(true)
}
