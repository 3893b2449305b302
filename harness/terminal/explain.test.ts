import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { Fault } from '../base/fault.ts'
import { explainError } from './explain.ts'

test('errors: a Fault gives its advice and its exit code', () => {
  expect(explainError(new Fault('environment', 'Cannot do it: no', 'Do that.'))).toEqual({
    text: 'Cannot do it: no\nDo that.',
    exitCode: 3,
  })
})

test('errors: a clean-up that failed too does not hide the first one', () => {
  const first = new Fault('usage', 'first')
  expect(explainError(new SuppressedError(new Error('second'), first))).toEqual({ text: 'first', exitCode: 2 })
})

test.each([
  ['a full disk', Object.assign(new Error('ENOSPC: no space left on device, write'), { syscall: 'write', errno: -28 })],
  [
    'a server that is gone',
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { syscall: 'connect', errno: -111 }),
  ],
])("errors: %s is the environment's, not internal", (_, error) => {
  expect(explainError(error)).toEqual({ text: `System error: ${error.message}`, exitCode: 3 })
})

const explainer = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'explain.ts')).href)

test.each([
  ['thrown and not caught', `setTimeout(() => { throw new TypeError('x is not y') })`],
  ['a promise that is not awaited', `void Promise.reject(new TypeError('x is not y'))`],
])('errors: an internal one, %s, ends with 4 and says what to do', (_, code) => {
  const program = `import { explainUncaughtErrors } from ${explainer}; explainUncaughtErrors('nodrop: '); setInterval(() => {}, 1000); ${code}`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  expect(status).toBe(4)
  expect(stderr).toMatch(/^nodrop: Internal error \(please report\): TypeError: x is not y\n {4}at /)
  expect(stderr).toMatch(/\nRun the same command again\. .*\n$/)
})
