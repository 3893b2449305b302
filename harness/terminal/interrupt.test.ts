import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

/** Ends with 42 this long after its first interrupt, when the report is written. */
const buildProgram = (reportMs: number): string => `
  import { handleInterrupts } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'interrupt.ts')).href)}
  const signal = handleInterrupts({ say: (line) => console.log(line) })
  const alive = setInterval(() => {}, 1000)
  signal.addEventListener('abort', () => setTimeout(() => process.exit(42), ${reportMs}))
  console.log('ready')
`

type Child = ChildProcessByStdio<null, Readable, null>

async function startProgram(reportMs: number, through: string[] = []): Promise<Child> {
  const argv = [...through, process.execPath, '--input-type=module', '--eval', buildProgram(reportMs)]
  const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  await once(child.stdout, 'data')
  return child
}

/** Sends the signal when the previous one was handled, and enough later. */
async function signalAgain(child: Child, signal: NodeJS.Signals): Promise<void> {
  await once(child.stdout, 'data')
  await sleep(1_200)
  child.kill(signal)
}

async function waitForExitCode(child: Child): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

test.concurrent('interrupt: one that comes by several ways is one', async () => {
  const child = await startProgram(300)
  const [own, group] = [child.pid ?? 0, -(child.pid ?? 0)]
  for (const target of [own, group, own, group]) process.kill(target, 'SIGTERM')
  expect(await waitForExitCode(child)).toBe(42)
})

test.concurrent('interrupt: timeout(1) signals a process and its group, and counts once', async () => {
  const child = await startProgram(300, ['timeout', '--preserve-status', '600'])
  // It has run out of time.
  child.kill('SIGALRM')
  expect(await waitForExitCode(child)).toBe(42)
})

test.concurrent('interrupt: a second one, later, ends at once', async () => {
  const child = await startProgram(60_000)
  child.kill('SIGINT')
  await signalAgain(child, 'SIGINT')
  expect(await waitForExitCode(child)).toBe(130)
})

test.concurrent('interrupt: a closed terminal counts once, however often it says so', async () => {
  const child = await startProgram(3_000)
  child.kill('SIGHUP')
  await signalAgain(child, 'SIGHUP')
  expect(await waitForExitCode(child)).toBe(42)
})
