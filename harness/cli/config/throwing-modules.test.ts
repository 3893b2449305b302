/** Settings and scenarios that throw or reject with any value: for some of them Node itself writes lines that a process cannot suppress. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const program = join(import.meta.dirname, '../../nodrop.cjs')

interface Played {
  status: number | null
  stdout: string
  stderr: string
}

function runIn(text: string, ...command: string[]): Played {
  return runBeside('nodrop.config.ts', text, command)
}

function runBeside(name: string, text: string, command: string[]): Played {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-throwing-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), text)
  return spawnSync(process.execPath, [program, ...command], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
}

test.each([
  ['throw null', 'it throws null'],
  ['throw undefined', 'it throws undefined'],
  ['throw 7', 'it throws 7'],
  ['throw Object.create(null)', 'it throws [Object: null prototype] {}'],
  ['throw { toString() { throw 1 } }', 'it throws { toString: [Function: toString] }'],
  [
    'const e = new Error("x")\nObject.defineProperty(e, "stack", { get() { throw null } })\nthrow e',
    'it throws Error: x',
  ],
  ['throw new Proxy({}, { getPrototypeOf() { throw null } })', 'it throws {}'],
  ['export default Promise.reject(undefined)', 'its default export is a promise: it must be what defineConfig gives'],
  [
    'export default { rate: 5 }\nvoid Promise.reject(undefined)',
    'it rejects a promise that nothing waits for: undefined',
  ],
  [
    'export default { rate: 5 }\nvoid Promise.reject(new Error("no"))',
    'it rejects a promise that nothing waits for: Error: no',
  ],
  ['export default await new Promise(() => undefined)', 'it must not await at its top level'],
])('settings of the folder, %s: one line with the file, exit code 2', (text, message) => {
  expectRefused(runIn(`${text}\n`, 'run'), message)
})

test.each([['list'], ['watch'], ['init', '--ci', 'github']])(
  'settings that throw: the same of nodrop %s',
  (...command) => {
    expectRefused(runIn('throw null\n', ...command), 'it throws null')
  },
)

test.each([
  ['throw null', 'it throws null'],
  ['throw undefined', 'it throws undefined'],
  ["throw 'not today'", 'it throws not today'],
  ['const e = new Error("x")\ndelete e.stack\nthrow e', 'it throws Error: x'],
  ['await Promise.reject(null)', 'it must not await at its top level'],
  ['export default {}\nvoid Promise.reject(null)', 'it rejects a promise that nothing waits for: null'],
])('a scenario, %s: one line with the file, exit code 2', (text, message) => {
  const played = runBeside('mine.ts', `${text}\n`, ['list', '--scenarios', '.'])
  expectRefused(played, message, 'mine.ts')
})

test.each([
  [['run', '--scenario', 'mine']],
  [['run', 'deployment/shop', '--context', 'staging', '--scenario', 'mine']],
  [['capacity']],
])('a scenario that throws: the same of nodrop %j', (command) => {
  expectRefused(runBeside('mine.ts', 'throw null\n', [...command, '--scenarios', '.']), 'it throws null', 'mine.ts')
})

function expectRefused({ status, stdout, stderr }: Played, message: string, file = 'nodrop.config.ts'): void {
  expect([status, stdout, stderr]).toEqual([2, '', `nodrop: ${file}: ${message}\n`])
}
