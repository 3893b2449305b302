/** Every tool of package.json, as npm runs it. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import packageJson from '../../../package.json' with { type: 'json' }

const root = join(import.meta.dirname, '../../..')
const tools = Object.entries(packageJson.scripts).flatMap(([name, command]) => {
  const [file] = /\S+\/main\.ts$/.exec(command) ?? []
  return file === undefined ? [] : [{ name, file }]
})

function play(file: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [file, ...args], { cwd: root, encoding: 'utf8', timeout: 60_000 })
}

test('tools: there are some', () => {
  expect(tools.length).toBeGreaterThan(9)
})

test.each(tools)('npm run $name -- --help: its usage, and nothing is done', ({ name, file }) => {
  const { status, stdout, stderr } = play(file, '--help')
  expect([status, stderr]).toEqual([0, ''])
  const [usage, does, blank, ...options] = stdout.trimEnd().split('\n')
  expect([usage, does, blank]).toEqual([
    expect.stringMatching(new RegExp(`^usage: npm run ${name} -- `)),
    expect.stringMatching(new RegExp(`^${name} \\w.{20,}`)),
    '',
  ])
  for (const option of options) expect(option).toMatch(/^ {2}--[a-z]+( \S+)? +\S.{5,}/)
  expect(options.at(-1)).toMatch(/^ {2}--help /)
})

// The options of a capture are those of nodrop run, which refuses them.
test.each(tools.filter(({ name }) => name !== 'capture'))(
  'npm run $name -- --wrong: says which option, and how to get help',
  ({ name, file }) => {
    const { status, stdout, stderr } = play(file, '--wrong')
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toBe(`${name}: Unknown option '--wrong'\nnpm run ${name} -- --help shows the options.\n`)
  },
)
