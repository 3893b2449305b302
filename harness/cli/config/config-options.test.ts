import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildConfigJsonSchema, targetKinds } from '../../plan/config/config-schema.ts'
import { readConfigFile } from '../../plan/config/read-config.ts'
import { parseTarget } from '../../measure/attach/target.ts'
import { startApiProxy } from '../../testing/api-proxy.ts'
import { captureOutput } from '../../testing/captured-output.ts'
import type { CapturedOutput } from '../../testing/captured-output.ts'
import { runProgram } from '../program.ts'
import { addConfigFileOptions, applyConfigFile } from './config-options.ts'

const home = join(import.meta.dirname, '../../..')
const before = process.cwd()
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-config-'))
  process.chdir(folder)
})
afterEach(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true })
})

const settings = `
target: { kind: deployment, name: shop, namespace: shop, context: staging, path: /cart }
scenarios: [rollout]
rate: 20
gates: { lossRate: <1% }
`

/** The options of a command with these words, in a folder with settings. */
async function apply(args: string[], words: { target?: string; command?: string[] } = {}): Promise<object> {
  let options: object = {}
  const command = addConfigFileOptions(new Command('run'))
    .option('--rate <n>', '', Number)
    .option('-n, --namespace <name>')
    .option('--context <name>')
    .option('--scenario <name>', '', (name: string) => [name])
    .option('--path <path>')
    .option('--url <url>')
    .option('--rounds <n>', '', Number, 1)
    .action(async () => void (options = await applyConfigFile(command, { command: [], ...words })))
  const { stderr } = await captureOutput(async () => {
    await command.parseAsync(args, { from: 'user' })
    return 0
  })
  expect(stderr).toBe(
    args.includes('--no-config-file')
      ? ''
      : 'Settings of nodrop.config.yaml; options override them, and --no-config-file leaves them out.\n',
  )
  return options
}

describe('settings of the folder', () => {
  const whole = {
    target: 'deployment/shop',
    namespace: 'shop',
    context: 'staging',
    path: '/cart',
    scenario: ['rollout'],
    rate: 20,
    rounds: 1,
    gates: [{ name: 'lossRate', operator: '<', limit: 0.01 }],
    command: [],
  }
  beforeEach(() => writeFileSync('nodrop.config.yaml', settings))

  test('they stand in for the options that are not given', async () => {
    expect(await apply([])).toEqual(whole)
  })

  test('an option overrides them', async () => {
    expect(await apply(['--rate', '5', '--context', 'other', '--rounds', '3'])).toEqual({
      ...whole,
      rate: 5,
      context: 'other',
      rounds: 3,
    })
  })

  test('a target on the command line takes the place of the whole target', async () => {
    const { namespace: _, context: __, path: ___, ...others } = whole
    expect(await apply([], { target: 'deployment/cart' })).toEqual({ ...others, target: 'deployment/cart' })
  })

  test('what is said of the sample is left out where the command line has a target', async () => {
    writeFileSync('nodrop.config.yaml', 'cluster: local\nmanifests: own\nconfigurations: [naive]\nrate: 20\n')
    expect(await apply([])).toMatchObject({
      cluster: 'local',
      manifests: join(process.cwd(), 'own'),
      config: ['naive'],
    })
    expect(await apply([], { target: 'deployment/cart' })).toEqual({
      rate: 20,
      rounds: 1,
      target: 'deployment/cart',
      command: [],
    })
  })

  test('an image of pods that send the load is left out where the command line has it sent from this machine', async () => {
    writeFileSync('nodrop.config.yaml', `${settings}driverImage: node:24-slim\n`)
    expect(await apply([])).toMatchObject({ driverImage: 'node:24-slim' })
    const url = 'https://shop.example'
    expect(await apply(['--url', url])).toEqual({ ...whole, url })
  })

  test('a command takes the place of the scenarios', async () => {
    const { scenario: _, ...others } = whole
    expect(await apply([], { command: ['helm', 'upgrade'] })).toEqual({ ...others, command: ['helm', 'upgrade'] })
  })

  test('they are left out where that is asked for', async () => {
    expect(await apply(['--no-config-file'])).toEqual({ rounds: 1, command: [] })
  })

  test('every kind of target is one that can be measured', () => {
    expect(targetKinds.map((kind) => parseTarget(`${kind}/shop`).kind)).toEqual(targetKinds)
  })
})

const paths = {
  apps: join(home, 'apps'),
  scenarios: join(home, 'scenarios'),
  manifests: join(home, 'manifests'),
  reports: '/nonexistent/reports',
}
const nodrop = (...args: string[]): Promise<CapturedOutput> => captureOutput(() => runProgram(args, paths))

test('nodrop list shows the scenarios of the folder that the settings name', async () => {
  mkdirSync('mine')
  const steps = '[steady(1), scale(1), untilSettled(), steady(1)]'
  const scenario = `defineScenario({ summary: 'at night', replicas: 2, steps: ${steps} })`
  const imports = `import { defineScenario, scale, steady, untilSettled } from 'nodrop'`
  writeFileSync('mine/night.ts', `${imports}\nexport default ${scenario}\n`)
  writeFileSync('nodrop.config.yaml', 'scenarioFolder: mine\n')
  const { code, stdout } = await nodrop('list')
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^Scenarios\n {2}night {2}at night\n\n/)])
})

describe('nodrop init', () => {
  test('writes what nodrop run takes, in both forms, and nothing else', async () => {
    const { code, stdout } = await nodrop('init')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Wrote nodrop\.config\.ts: the sample/)])
    const { config } = readConfigFile('nodrop.config.ts')
    expect(config).toMatchObject({ cluster: 'auto', scenarios: ['rollout'] })
    rmSync('nodrop.config.ts')
    expect((await nodrop('init', '--yaml')).code).toBe(0)
    expect(readFileSync('nodrop.config.yaml', 'utf8')).toMatch(/^# yaml-language-server: \$schema=/)
    expect(readConfigFile('nodrop.config.yaml').config).toEqual(config)
  })

  test('overwrites nothing unless it is told to', async () => {
    writeFileSync('nodrop.config.ts', 'export default {}\n')
    const { code, stderr } = await nodrop('init')
    expect([code, stderr]).toEqual([
      2,
      'nodrop: Cannot write nodrop.config.ts: nodrop.config.ts is there already\n--force overwrites it.\n',
    ])
    const other = await nodrop('init', '--yaml', '--force')
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining('nodrop.config.ts is there already\nRemove it first'),
    ])
    expect([readFileSync('nodrop.config.ts', 'utf8'), existsSync('nodrop.config.yaml')]).toEqual([
      'export default {}\n',
      false,
    ])
    expect((await nodrop('init', '--force')).code).toBe(0)
    expect(readConfigFile('nodrop.config.ts').config).toMatchObject({ cluster: 'auto' })
  })

  test('writes nothing where the cluster cannot be read', async () => {
    await using front = await startApiProxy()
    front.answer = () => ({ status: 401, body: { message: 'Unauthorized' } })
    writeFileSync('kubeconfig', front.kubeconfig('staging'))
    const place = ['--context', 'staging', '--kubeconfig', 'kubeconfig']
    const { code, stdout, stderr } = await nodrop('init', 'deployment/shop', ...place)
    expect([code, stdout, stderr]).toEqual([3, '', expect.stringContaining('Cannot use the context staging')])
    expect(readdirSync('.')).toEqual(['kubeconfig'])
  })

  test('a context without a target means nothing', async () => {
    const { code, stderr } = await nodrop('init', '--context', 'staging')
    expect([code, stderr]).toEqual([2, expect.stringContaining('Cannot use --context without a target')])
  })
})

test('nodrop schema prints what the settings may have', async () => {
  const { code, stdout } = await nodrop('schema')
  expect([code, JSON.parse(stdout)]).toEqual([0, buildConfigJsonSchema()])
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    additionalProperties: false,
    properties: { target: { required: ['kind', 'name'] }, gates: { additionalProperties: false } },
  })
})
