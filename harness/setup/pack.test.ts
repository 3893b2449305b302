import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { getRecordedDir } from '../testing/recorded-runs.ts'

const home = join(import.meta.dirname, '../..')
let project: string

/** A project that has installed the package: what it depends on is linked, not fetched. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'nodrop-pack-'))
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', project], { cwd: home, encoding: 'utf8' }),
  ) as { filename: string }[]
  const modules = join(project, 'node_modules')
  mkdirSync(modules)
  execFileSync('tar', ['xzf', join(project, packed?.filename ?? ''), '-C', modules])
  execFileSync('mv', [join(modules, 'package'), join(modules, 'nodrop')])
  for (const name of readdirSync(join(home, 'node_modules')))
    if (!name.startsWith('.') && name !== '@nodrop') symlinkSync(join(home, 'node_modules', name), join(modules, name))
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
}, 120_000)
afterAll(() => rmSync(project, { recursive: true, force: true }))

function runPackaged(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return runWithCache(join(project, 'cache'), ...args)
}

function runWithCache(cache: string, ...args: string[]): ReturnType<typeof runPackaged> {
  const program = join(project, 'node_modules/nodrop', packageJson.bin.nodrop)
  const { NODE_COMPILE_CACHE: _, ...env } = process.env
  const options = { cwd: project, encoding: 'utf8', env: { ...env, XDG_CACHE_HOME: cache } } as const
  return spawnSync(process.execPath, [program, ...args], options)
}

test('package: the command runs as JavaScript, with its own scenarios', () => {
  expect(runPackaged('--version').stdout).toBe(`${packageJson.version}\n`)
  const { status, stdout } = runPackaged('list')
  expect([status, stdout]).toEqual([0, expect.stringContaining('graceful')])
  expect(stdout).toMatch(/^Scenarios\n {2}rollout /)
})

const mine = `import { defineScenario, repeat, rolloutRestart, steady, step, untilSettled } from 'nodrop'
export default defineScenario({
  summary: 'restarts every pod, twice',
  replicas: 2,
  steps: [
    steady(1),
    repeat(2, [rolloutRestart(), untilSettled()]),
    step('count', async ({ pods }) => String(pods.length)),
    untilSettled(),
    steady(1),
  ],
})
`

test('package: a scenario of a project is read, by what it imports from the package', () => {
  const scenarios = join(project, 'scenarios')
  mkdirSync(scenarios)
  writeFileSync(join(scenarios, 'twice.ts'), mine)
  const { status, stdout, stderr } = runPackaged('list', '--scenarios', scenarios)
  expect([status, stderr, stdout]).toEqual([
    0,
    '',
    expect.stringMatching(/^Scenarios\n {2}twice +restarts every pod, twice$/m),
  ])
})

test('package: what Node compiles is kept in the user’s cache directory, and not below node_modules', () => {
  const cache = join(project, 'cache-of-user')
  expect(runWithCache(cache, '--version').status).toBe(0)
  expect(readdirSync(join(cache, 'nodrop/compile'))).toHaveLength(1)
  expect(existsSync(join(project, 'node_modules/nodrop/.cache'))).toBe(false)
})

test('package: a cache directory that cannot be made is done without', () => {
  const { status, stderr } = runWithCache(join(project, 'package.json'), '--version')
  expect([status, stderr]).toEqual([0, ''])
})

test('package: a run is judged again, its page included', () => {
  const run = join(project, 'run')
  cpSync(getRecordedDir('rollout-graceful-local'), run, { recursive: true })
  const { status } = runPackaged('report', run)
  expect(status).toBe(0)
  expect(readdirSync(run)).toContain('report.html')
})

test('package: its types are those that a project compiles against', () => {
  const source = `import { judgeDirectory } from 'nodrop'
import type { Analysis, Verdict } from 'nodrop'
export const judge = async (directory: string): Promise<Analysis[]> =>
  (await judgeDirectory(directory)).runs.map(({ analysis }) => analysis)
export const verdict: Verdict = 'passed'
// @ts-expect-error -- not a verdict
export const other: Verdict = 'maybe'
`
  writeFileSync(join(project, 'use.ts'), source)
  writeFileSync(join(project, 'twice.ts'), mine)
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext', 'use.ts', 'twice.ts']
  const tsc = join(home, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options], { cwd: project, encoding: 'utf8' })
  expect([status, stdout]).toEqual([0, ''])
})
