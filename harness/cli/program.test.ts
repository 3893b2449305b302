import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exitCodes } from '../base/fault.ts'
import { captureOutput } from '../testing/captured-output.ts'
import type { CapturedOutput } from '../testing/captured-output.ts'
import { runProgram } from './program.ts'

const home = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'nodrop-program-'))
afterAll(() => rmSync(folder, { recursive: true }))
const paths = {
  apps: join(home, 'apps'),
  scenarios: join(home, 'scenarios'),
  manifests: join(home, 'manifests'),
  reports: join(folder, 'reports'),
}
const play = (...args: string[]): Promise<CapturedOutput> => captureOutput(() => runProgram(args, paths))

const readme = readFileSync(join(home, 'README.md'), 'utf8')
const docs = readdirSync(join(home, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => readFileSync(join(home, 'docs', name), 'utf8'))
const help = (await play('--help')).stdout
const commandNames = [...help.matchAll(/^ {2}([a-z]+) (?:\[|<| +\S)/gm)].map(([, name = '']) => name)
const helps = new Map<string, string>()
for (const name of commandNames) helps.set(name, (await play(name, '--help')).stdout)

test('help: lists every command, each with options of its own and those of all', () => {
  const expected = [
    'run',
    'watch',
    'init',
    'report',
    'compare',
    'baseline',
    'history',
    'export',
    'up',
    'down',
    'sweep',
    'completion',
    'schema',
    'list',
    'doctor',
    'capacity',
    'verify',
    'help',
  ]
  expect(commandNames).toEqual(expected)
  for (const name of commandNames.slice(0, -1)) {
    expect(helps.get(name)).toContain(`Usage: nodrop ${name} `)
    expect(helps.get(name)).toMatch(/^Global Options:\n[^]*--verbose/m)
  }
})

test('help: its examples have the folder in which this nodrop writes', async () => {
  const packaged = await captureOutput(() => runProgram(['--help'], { ...paths, reports: '/project/nodrop-report' }))
  expect(packaged.stdout).toContain('nodrop report nodrop-report/runs/')
  expect(packaged.stdout).toContain('--kubeconfig nodrop-report/cluster/local/kubeconfig')
})

test('help: of a command is the same by either way', async () => {
  expect((await play('help', 'verify')).stdout).toBe(helps.get('verify'))
})

test('help: names every exit code once, as the README does', () => {
  const inReadme = [...readme.matchAll(/^\| (\d+) \| /gm)].map(([, code]) => Number(code))
  const part = help.slice(help.indexOf('Exit codes:'))
  const inHelp = [...part.matchAll(/(?:^| {2})(\d+) {2,}\S/gm)].map(([, code]) => Number(code))
  const all = Object.values(exitCodes).sort((a, b) => a - b)
  expect(inReadme).toEqual(all)
  expect(inHelp.toSorted((a, b) => a - b)).toEqual(all)
})

test('README and docs: the commands and options that they name exist', () => {
  const used = [...[readme, ...docs].join('\n').matchAll(/\bnodrop ([a-z]+)((?:\s+(?!&&|\||#)[^\s`#|]+)*)/g)]
  const unknown = used.flatMap(([, name = '', words = '']) => {
    const text = helps.get(name)
    const options = [...words.matchAll(/--[a-z-]+/g)].map(([option]) => option)
    if (text === undefined) return options.length > 0 ? [name] : []
    return options.filter((option) => !text.includes(option)).map((option) => `${name} ${option}`)
  })
  expect(used.length).toBeGreaterThan(10)
  expect(unknown).toEqual([])
})

test('version: is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }
  expect(await play('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test('an unknown command suggests the one that was meant', async () => {
  const { code, stdout, stderr } = await play('rum')
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toBe("error: unknown command 'rum'\n(Did you mean run?)\n(nodrop --help shows the commands)\n")
})

test('an unknown option suggests the one that was meant, and names the help that has it', async () => {
  const { code, stdout, stderr } = await play('run', '--secnario', 'rollout')
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toBe(
    "error: unknown option '--secnario'\n(Did you mean --scenario?)\n(nodrop run --help shows the options)\n",
  )
})

test('nodrop list: scenarios and configurations, for people and as JSON', async () => {
  const { code, stdout } = await play('list')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Scenarios\n {2}rollout {2,}restarts every pod/)
  expect(stdout).toMatch(/^ {2}naive {2,}loses {2,}\S/m)
  expect(stdout).toMatch(/^ {2}graceful {2,}loses none {2,}\S/m)
  const json = JSON.parse((await play('list', '--json')).stdout) as Record<string, { name: string }[]>
  expect(Object.keys(json)).toEqual(['scenarios', 'configurations'])
  for (const { name } of Object.values(json).flat()) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'))
})

test('nodrop list --json: values of headers, which may be secrets, are left out', async () => {
  const scenarios = join(folder, 'scenarios')
  mkdirSync(scenarios)
  const planted = "{ fresh: { headers: { authorization: 'Bearer planted' } } }"
  const module = `import { defineScenario, rolloutRestart, steady, untilSettled } from 'nodrop'
    export default defineScenario({
      summary: 'mine',
      replicas: 2,
      load: { requests: ${planted} },
      steps: [steady(1), rolloutRestart(), untilSettled(), steady(1)],
    })`
  writeFileSync(join(scenarios, 'mine.ts'), module)
  const { code, stdout } = await play('list', '--scenarios', scenarios, '--json')
  expect(code).toBe(0)
  expect(stdout).toContain('authorization')
  expect(stdout).not.toContain('planted')
})

test('nodrop down: says so where nothing runs', async () => {
  const { code, stdout, stderr } = await play('down')
  expect([code, stdout]).toEqual([0, ''])
  expect(stderr).toBe('No local cluster was running.\nNo kind cluster was running.\n')
})

test('nodrop up: state that cannot be read ends with 3 and names the file', async () => {
  const state = join(paths.reports, 'cluster/local')
  mkdirSync(state, { recursive: true })
  writeFileSync(join(state, 'cluster.json'), '{"pid":')
  const { code, stdout, stderr } = await play('up', '--cluster', 'local')
  expect([code, stdout]).toEqual([3, ''])
  expect(stderr).toContain(join(state, 'cluster.json'))
  rmSync(paths.reports, { recursive: true })
})
