import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { subscribeToTraces } from '../../base/tracing.ts'
import type { Trace } from '../../base/tracing.ts'
import { rejectMissingProgram, runUserCommand } from './command.ts'

const node = (script: string): string[] => [process.execPath, '-e', script]

function createOptions(limitMs = 20_000) {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-command-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'command.log')
  const shown: string[] = []
  const output = { path, show: (line: string) => void shown.push(line) }
  return {
    options: { limitMs, output, signal: new AbortController().signal },
    shown,
    read: () => readFileSync(path, 'utf8'),
  }
}

test('command: arguments come as they are, output is shown and kept, and the end is told', async () => {
  const { options, shown, read } = createOptions()
  const argv = [...node('console.log(process.argv[1]); console.log("second")'), '$HOME; *']
  expect(await runUserCommand(argv, options)).toMatch(/^exit code 0 after \d+\.\d s$/)
  expect(shown).toEqual(['$HOME; *', 'second'])
  expect(read()).toBe('$HOME; *\nsecond\n')
})

test('command: it finds the cluster of its run in its environment, and all else that nodrop has', async () => {
  const { options, read } = createOptions()
  const commandEnv = { KUBECONFIG: '/run/kubeconfig' }
  const argv = node('console.log(process.env.KUBECONFIG, process.env.PATH === process.argv[1])')
  await runUserCommand([...argv, process.env['PATH'] ?? ''], { ...options, commandEnv })
  expect(read()).toBe('/run/kubeconfig true\n')
})

test('command: its arguments, of which any may be a secret, are in no trace', async () => {
  const { options } = createOptions()
  const traces: Trace[] = []
  using _listener = subscribeToTraces((trace) => traces.push(trace))
  await runUserCommand([...node(''), '--', '--set', 'db.password=hunter2', '--token=hunter2', 'hunter2'], options)
  expect(traces).toMatchObject([{ kind: 'process', result: 0 }])
  expect(JSON.stringify(traces)).not.toContain('hunter2')
})

test('command: another exit code is no disruption, and its output is kept', async () => {
  const { options, read } = createOptions()
  const failing = runUserCommand(node('console.error("no such release"); process.exit(3)'), options)
  await expect(failing).rejects.toMatchObject({ kind: 'unknown', message: expect.stringMatching(/exit code 3 after/) })
  expect(read()).toBe('no such release\n')
})

test('command: what still runs at the limit is killed', async () => {
  const { options } = createOptions(500)
  const endless = runUserCommand(node('setInterval(() => {}, 1000)'), options)
  await expect(endless).rejects.toMatchObject({
    kind: 'unknown',
    message: expect.stringMatching(/had not ended after 0.5 s/),
  })
})

test.each([['true'], [process.execPath]])('command: %s is a program that is there', (program) => {
  expect(() => rejectMissingProgram([program, 'upgrade'])).not.toThrow()
})

test.each([['no-such-program'], ['./no-such-program'], ['/'], [import.meta.filename]])(
  'command: %s is no program, which is told before it is run',
  (program) => {
    expect(() => rejectMissingProgram([program])).toThrow(`Cannot run ${program}: there is no such program`)
  },
)

test('command: a program that is not there is named', async () => {
  const { options } = createOptions()
  const missing = runUserCommand(['no-such-program'], options)
  await expect(missing).rejects.toMatchObject({ message: expect.stringMatching(/Cannot run no-such-program/) })
})
