import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { isCommandRunning } from '../testing/residue.ts'
import { runCommand, startProcess } from './child-process.ts'
import { subscribeToTraces } from './tracing.ts'
import type { Trace } from './tracing.ts'

test('command: what a program wrote and its exit code are given, whatever it is', async () => {
  const script = 'cat; echo no >&2; exit 3'
  expect(await runCommand(['sh', '-c', script], { input: 'in' })).toEqual({
    exitCode: 3,
    signal: null,
    stdout: 'in',
    stderr: 'no\n',
  })
  expect(await runCommand(['sh', '-c', 'kill -9 $$'])).toMatchObject({ exitCode: null, signal: 'SIGKILL' })
})

test('command: it reads nothing unless it is given something, and ends without having read it', async () => {
  expect((await runCommand(['cat'])).stdout).toBe('')
  expect((await runCommand(['true'], { input: 'x'.repeat(1_000_000) })).exitCode).toBe(0)
})

test('command: lines are handed on as they come, also one without an end', async () => {
  const lines: string[] = []
  await runCommand(['sh', '-c', 'echo a; echo b >&2; printf c'], { onLine: (line) => lines.push(line) })
  expect(lines.sort()).toEqual(['a', 'b', 'c'])
})

test('command: its environment is the one that it is given, and nothing else', async () => {
  expect((await runCommand(['/usr/bin/env'], { env: { A: '1' } })).stdout).toBe('A=1\n')
})

test('command: one that takes too long ends, with all that it has started', async () => {
  const mark = `nodrop-child-${process.pid}`
  const script = `sh -c 'sleep 60; : ${mark}' & echo started; sleep 60; : ${mark}`
  const ended = runCommand(['sh', '-c', script], { limitMs: 400 })
  await vi.waitFor(() => expect(isCommandRunning(mark)).toBe(true))
  await expect(ended).rejects.toMatchObject({
    kind: 'timed-out',
    message: 'sh had not ended after 0.4 s',
    output: 'started',
  })
  await vi.waitFor(() => expect(isCommandRunning(mark)).toBe(false))
})

test('command: it ends with its group when this process exits', async () => {
  const mark = `nodrop-exit-${process.pid}`
  const module = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'child-process.ts')).href)
  const command = `sh -c 'sleep 60; : ${mark}' & echo; sleep 60; : ${mark}`
  const script = `const { runCommand } = await import(${module})
    const onLine = () => process.exit(7)
    await runCommand(['sh', '-c', ${JSON.stringify(command)}], { onLine })`
  const { exitCode } = await runCommand([process.execPath, '--input-type=module', '-e', script])
  expect(exitCode).toBe(7)
  await vi.waitFor(() => expect(isCommandRunning(mark)).toBe(false))
})

test('command: what has left its group cannot hold it up', async () => {
  const ended = runCommand(['sh', '-c', 'setsid sleep 3 & sleep 60'], { limitMs: 300 })
  const began = performance.now()
  await expect(ended).rejects.toMatchObject({ kind: 'timed-out' })
  expect(performance.now() - began).toBeLessThan(2_500)
})

test('command: an abort ends it with the reason, before and while it runs', async () => {
  const stop = new AbortController()
  const running = runCommand(['sleep', '60'], { signal: stop.signal })
  stop.abort(new Error('interrupted'))
  await expect(running).rejects.toThrow('interrupted')
  await expect(runCommand(['sleep', '60'], { signal: stop.signal })).rejects.toThrow('interrupted')
})

test('command: one that writes too much ends', async () => {
  await expect(runCommand(['cat', '/dev/zero'], { limitBytes: 100_000 })).rejects.toMatchObject({
    kind: 'too-much-output',
    message: 'cat wrote more than 100000 bytes',
  })
})

test.each([false, true])(
  'command: a program that is not there is told by its name (dies with parent: %s)',
  async (diesWithParent) => {
    await expect(runCommand(['/no/such/program'], { diesWithParent })).rejects.toMatchObject({
      kind: 'not-found',
      message: 'Cannot run /no/such/program: there is no such program',
    })
  },
)

test('command: a file that cannot be executed is no program', async () => {
  await expect(runCommand(['/etc/passwd'])).rejects.toMatchObject({
    kind: 'not-started',
    message: 'Cannot run /etc/passwd: EACCES',
  })
})

test('process: one that goes on is read while it runs, and killed with its group', async () => {
  const mark = `nodrop-process-${process.pid}`
  const child = startProcess(['sh', '-c', `sh -c 'echo hello; sleep 60; : ${mark}' & wait; : ${mark}`])
  const [chunk] = await child.stdout!.take(1).toArray()
  expect(String(chunk)).toBe('hello\n')
  child.kill()
  expect(await child.exited).toBe(null)
  await vi.waitFor(() => expect(isCommandRunning(mark)).toBe(false))
})

test('process: one that cannot be started has ended', async () => {
  const child = startProcess(['/no/such/program'])
  expect([child.pid, await child.exited]).toEqual([undefined, null])
  child.kill()
})

test('process: those that die with their parent do so when it is killed', async () => {
  const module = new URL('./child-process.ts', import.meta.url).href
  const code = `const { startProcess } = await import('${module}')
    console.log(startProcess(['sleep', '60'], { diesWithParent: true }).pid)
    setTimeout(() => {}, 60_000)`
  const parent = startProcess([process.execPath, '--input-type=module', '-e', code])
  const [line] = await parent.stdout!.take(1).toArray()
  const pid = Number(String(line))
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('sleep\n'))
  process.kill(parent.pid!, 'SIGKILL')
  await parent.exited
  await vi.waitFor(() => expect(existsSync(`/proc/${pid}/exe`)).toBe(false))
})

test('tracing: every program is told of with how it ended', async () => {
  const traces: Trace[] = []
  using _subscription = subscribeToTraces((trace) => traces.push(trace))
  await runCommand(['sh', '-c', 'exit 3'])
  await runCommand(['/no/such/program', '--token', 's3cret']).catch(() => undefined)
  expect(traces.map((trace) => trace.kind === 'process' && [trace.command, trace.result])).toEqual([
    ["sh -c 'exit 3'", 3],
    ['/no/such/program --token …', 'ENOENT'],
  ])
})

test('command: with a grace it gets TERM, and KILL with its group when that is over', async () => {
  // Suppresses the shell's message that the signal ended its `sleep`.
  const argv = ['sh', '-c', 'exec 2>/dev/null; trap "echo told; exit 3" TERM; echo on; while :; do sleep 0.05; done']
  const lines: string[] = []
  const stop = new AbortController()
  const onLine = (line: string): void => {
    lines.push(line)
    if (line === 'on') stop.abort(new Error('stopped'))
  }
  await expect(runCommand(argv, { signal: stop.signal, onLine, graceMs: 5_000 })).rejects.toThrow('stopped')
  expect(lines).toEqual(['on', 'told'])
  const deaf = ['sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done']
  await expect(runCommand(deaf, { limitMs: 100, graceMs: 100 })).rejects.toThrow('had not ended after 0.1 s')
})
