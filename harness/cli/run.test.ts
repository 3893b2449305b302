import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Paths } from '../cluster/clusters.ts'
import { startApiProxy } from '../testing/api-proxy.ts'
import { captureOutput } from '../testing/captured-output.ts'
import type { CapturedOutput } from '../testing/captured-output.ts'
import { runProgram } from './program.ts'

const home = join(import.meta.dirname, '../..')
let folder = ''
let paths: Paths
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-run-'))
  paths = {
    apps: join(home, 'apps'),
    scenarios: join(home, 'scenarios'),
    manifests: join(home, 'manifests'),
    reports: join(folder, 'reports'),
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

function run(...args: string[]): Promise<CapturedOutput> {
  return captureOutput(() => runProgram(['run', ...args], paths))
}

/** A folder of manifests with a file of this content beside the base. */
function writeConfiguration(name: string, content: string): string {
  const path = join(folder, name)
  cpSync(join(home, 'manifests/base'), join(path, 'base'), { recursive: true })
  writeFileSync(join(path, 'mine.yaml'), content)
  return path
}

function writeScenario(name: string, content: string): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'mine.yaml'), content)
  return path
}

function writeSettings(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** One message of a few lines, nothing on standard output, no stack, and no files. */
function expectRejected({ code, stdout, stderr }: CapturedOutput, exitCode: number, message: RegExp): void {
  expect(stderr).toMatch(message)
  expect([code, stdout]).toEqual([exitCode, ''])
  expect(stderr).not.toMatch(/^ {4}at /m)
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(16)
  expect(existsSync(paths.reports)).toBe(false)
}

const nested = Array.from({ length: 30 }, (_, level) => `a${level}: &a${level} [*a${level - 1}, *a${level - 1}]`)

describe('nodrop run: bad usage is rejected with 2 before anything starts', () => {
  test.each<[what: string, args: string[] | (() => string[]), message: RegExp]>([
    ['an unknown scenario', ['--scenario', 'rolout'], /the scenario "rolout"\nDid you mean rollout\?/],
    ['an unknown configuration', ['--config', 'gracefull'], /"gracefull"\nDid you mean graceful\?/],
    ['a rate of 0', ['--rate', '0'], /'--rate <n>' argument '0' is invalid\. Must be a number above 0/],
    ['a negative rate', ['--rate', '-5'], /'--rate <n>'|unknown option/],
    ['a rate that is no number', ['--rate', 'fast'], /'fast' is invalid/],
    ['no replicas', ['--replicas', '0'], /Must be a whole number, 1 or more/],
    ['no driver', ['--drivers', '0'], /Must be a whole number, 1 or more/],
    ['too many drivers', ['--drivers', '101'], /Must be 100 at most/],
    [
      'more drivers than requests in a second',
      ['--drivers', '31', '--rate', '30'],
      /^nodrop: Cannot share 30 requests\/s between 31 drivers: each must have one a second to send\n$/,
    ],
    [
      'more drivers than this machine has cores for',
      ['--cluster', 'local', '--drivers', '99', '--driver-cpu', '9'],
      /^nodrop: Cannot run 99 drivers on this machine: each asks for 9 of its cores, of which there (is|are) \d+\n$/,
    ],
    ['an image that is no name', ['--driver-image', 'node 24'], /Must be like node:24-slim/],
    ['a part of a core', ['--driver-cpu', '0.5'], /Must be a whole number, 1 or more/],
    ['an Ingress without a host', ['--via', 'ingress'], /Must be service, nodeport or ingress=HOST/],
    [
      'an Ingress on the embedded cluster',
      ['--cluster', 'local', '--via', 'ingress=shop.example'],
      /through an Ingress on the embedded cluster: it has none/,
    ],
    [
      'fewer connections than drivers',
      ['--engine', 'autocannon', '--drivers', '3', '--connections', '2'],
      /Cannot share 2 connections between 3 drivers/,
    ],
    ['connections of an open loop', ['--connections', '2'], /Cannot use --connections with an open loop/],
    ['half a round', ['--rounds', '1.5'], /Must be a whole number, 1 or more/],
    [
      'more runs than a report can hold',
      ['--rounds', '999999'],
      /Cannot plan \d+ runs: a comparison has at most 10000/,
    ],
    [
      'a seed beside --resume',
      ['--resume', '/nonexistent', '--seed', '5'],
      /^nodrop: Cannot use --seed with --resume: it is taken from the interrupted comparison\nLeave it out\.\n$/,
    ],
    [
      'whatever else a resumed comparison has',
      ['--rounds', '2', '--aa', '--config', 'naive', '--no-connection-tracking', '--resume', '/nonexistent'],
      /Cannot use --no-connection-tracking, --rounds, --aa and --config with --resume: they are taken from /,
    ],
    [
      'a load beside --resume',
      ['--resume', '/nonexistent', '--rate', '100', '--replicas', '4', '--drivers', '2', '--via', 'nodeport'],
      /Cannot use --rate, --drivers, --via and --replicas with --resume/,
    ],
    [
      'what is left of one comparison and what failed in another',
      ['--resume', '/nonexistent', '--last-failed'],
      /Cannot use --last-failed with --resume/,
    ],
    [
      'going on with --resume until all is decided',
      ['--resume', '/nonexistent', '--until-decided'],
      /Cannot use --until-decided with --resume/,
    ],
    [
      'rounds beside --resume, of a target',
      ['deployment/shop', '--context', 'staging', '--rounds', '3', '--rate', '20', '--resume', '/nonexistent'],
      /Cannot use --rounds with --resume/,
    ],
    [
      'what the settings say of a comparison that is resumed: they are no option',
      () => [
        '--resume',
        '/nonexistent',
        '--config-file',
        writeSettings('rounds.yaml', 'rounds: 7\nscenarios: [rollout]\n'),
      ],
      /^Settings of .*\nnodrop: Cannot resume \/nonexistent: it has no comparison\.json/,
    ],
    ['an unknown cluster', ['--cluster', 'moon'], /Allowed choices are/],
    ['a context without its cluster', ['--cluster', 'local', '--context', 'x'], /Cannot use --context with --cluster/],
    ['a registry with a scheme', ['--image-registry', 'https://x'], /Must be like registry\.example\/team/],
    ['an unknown option', ['--fast'], /unknown option '--fast'/],
    ['an argument too many', ['naive'], /Cannot measure "naive": must be deployment\/NAME/],
    ['an empty list', ['--config', ','], /Must name at least one/],
    ['a scale-down to what is there', ['--scenario', 'scale-down', '--replicas', '2'], /nothing would be disrupted/],
    [
      'a folder that is not there',
      ['--manifests', '/nonexistent'],
      /Cannot list \/nonexistent: no such file or directory \(ENOENT\)$/m,
    ],
    [
      'a manifest that is no YAML',
      () => ['--manifests', writeConfiguration('broken', '# loses: x\nspec:\n  a: [1, 2\n b: }')],
      /mine\.yaml:4:2: not valid YAML/,
    ],
    [
      'a manifest whose aliases grow without bound',
      () => ['--manifests', writeConfiguration('bomb', `# loses: x\na: &a-1 [1]\n${nested.join('\n')}\n`)],
      /mine\.yaml:\d+:\d+: not valid YAML: its aliases stand for more than 1 MiB/,
    ],
    [
      'a gate that is not there',
      () => ['--gate', 'lsot<=3'],
      /^nodrop: Cannot read --gate "lsot<=3": unknown key "lsot": did you mean lost\? there are lost, /,
    ],
    ['a manifest that is a list', () => ['--manifests', writeConfiguration('list', '# loses: x\n- a\n')], /a mapping/],
    [
      'a scenario with an unknown key',
      () => ['--scenarios', writeScenario('key', 'name: mine\nspeed: 3\n'), '--scenario', 'mine'],
      /mine\.yaml is not a scenario:[^]*speed/,
    ],
    [
      'settings with an unknown key',
      () => ['--config-file', writeSettings('nodrop.config.ts', `export default {\n  scenarioss: ['rollout'],\n}\n`)],
      /^nodrop: \S+nodrop\.config\.ts:2:3: unknown key "scenarioss": did you mean scenarios\? [^\n]*\n$/,
    ],
    [
      'settings that throw',
      () => ['--config-file', writeSettings('throws.ts', `throw new Error('not today')\n`)],
      /^nodrop: \S+throws\.ts:1:7: it throws Error: not today\n$/,
    ],
    [
      'settings with a scenario that is not there',
      () => ['--config-file', writeSettings('scenario.ts', `export default { scenarios: ['rolout'] }\n`)],
      /the scenario "rolout"\nDid you mean rollout\?/,
    ],
    [
      'a configuration that is not there, whatever the settings say',
      () => ['--config', 'gracefull', '--config-file', writeSettings('mine.yaml', 'configurations: [naive]\n')],
      /"gracefull"\nDid you mean graceful\?/,
    ],
    ['settings that are not there', ['--config-file', '/nonexistent/nodrop.config.ts'], /Cannot read \/nonexistent/],
    ['a scenario that is no mapping', () => ['--scenarios', writeScenario('none', 'x')], /mine\.yaml/],
  ])('%s', async (_, args, message) => {
    expectRejected(await run(...(typeof args === 'function' ? args() : args)), 2, message)
  })

  test('a context that the kubeconfig does not have, or none', async () => {
    const kubeconfig = join(folder, 'kubeconfig')
    writeFileSync(kubeconfig, JSON.stringify({ contexts: [{ name: 'staging' }], clusters: [], users: [] }))
    const options = ['--cluster', 'kubeconfig', '--kubeconfig', kubeconfig]
    expectRejected(await run(...options), 2, /name it with --context\nThere are: staging\./)
    expectRejected(await run(...options, '--context', 'stagin'), 2, /Did you mean staging\?/)
  })
})

describe('nodrop run: the environment is at fault, 3', () => {
  test('a folder that cannot be written', async () => {
    expectRejected(
      await run('--cluster', 'local', '--out', '/dev/null/out'),
      3,
      /Cannot make the directory \/dev\/null/,
    )
  })

  test('a cluster that refuses the credentials; --verbose shows the calls and no token', async () => {
    await using front = await startApiProxy()
    front.answer = () => ({ status: 401, body: { message: 'Unauthorized' } })
    const kubeconfig = join(folder, 'front')
    writeFileSync(kubeconfig, front.kubeconfig('staging', { token: 'planted-token' }))
    const out = join(folder, 'out')
    const options = ['--cluster', 'kubeconfig', '--kubeconfig', kubeconfig, '--context', 'staging', '--out', out]
    const { code, stdout, stderr } = await run(...options, '--verbose')
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(/^6 runs \(scenario rollout, 6 configurations\): about \d+ to \d+ minutes$/m)
    expect(stderr).toMatch(/^api GET \/version: 401, \d/m)
    expect(stderr).toMatch(/^nodrop: .*does not accept its credentials \(401\)/ms)
    expect(stderr).not.toContain('planted-token')
    expect(front.requests.length).toBeGreaterThan(0)
    const quiet = await run(...options)
    expect(quiet.stderr).not.toMatch(/^api /m)
    // A comparison without a run is not kept.
    expect(readdirSync(out)).toEqual([])
  })
})
