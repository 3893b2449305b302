import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import type { Analysis } from '../model/result.ts'
import { findKubectlProblem } from '../testing/kubectl.ts'
import { getRecordedDir } from '../testing/recorded-runs.ts'
import { readReadmeCommands } from '../proof/readme/readme-commands.ts'

const home = join(import.meta.dirname, '../..')
let project: string
let packedFiles: string[]

/** A project that has installed the package: its dependencies are linked, not fetched. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'nodrop-pack-'))
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', project], { cwd: home, encoding: 'utf8' }),
  ) as { filename: string; files: { path: string }[] }[]
  packedFiles = (packed?.files ?? []).map(({ path }) => path)
  const modules = join(project, 'node_modules')
  mkdirSync(modules)
  execFileSync('tar', ['xzf', join(project, packed?.filename ?? ''), '-C', modules])
  execFileSync('mv', [join(modules, 'package'), join(modules, 'nodrop')])
  for (const name of readdirSync(join(home, 'node_modules')))
    if (!name.startsWith('.') && name !== '@nodrop') symlinkSync(join(home, 'node_modules', name), join(modules, name))
  // As npm installs the programs in a package's bin.
  const program = join(modules, 'nodrop', packageJson.bin.nodrop)
  mkdirSync(join(modules, '.bin'))
  chmodSync(program, 0o755)
  symlinkSync(program, join(modules, '.bin/nodrop'))
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

/** Every file of the package, with its modification time. */
function snapshotPackage(): string[] {
  const folder = join(project, 'node_modules/nodrop')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`)
}

test('package: at most 150 files, and no test among them', () => {
  expect(packedFiles).toContain('dist/harness/cli/cli.js')
  expect(packedFiles.length).toBeLessThanOrEqual(150)
  expect(packedFiles.filter((path) => /\.test\.|\/(testing|e2e)\//.test(path))).toEqual([])
})

test('package: nothing is run when it is installed, and nothing is written into it when it is used', () => {
  const { scripts } = JSON.parse(readFileSync(join(project, 'node_modules/nodrop/package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  expect(['preinstall', 'install', 'postinstall', 'prepare'].filter((name) => name in scripts)).toEqual([])
  const before = snapshotPackage()
  const run = join(project, 'judged')
  cpSync(getRecordedDir('rollout-naive-local'), run, { recursive: true })
  expect(runPackaged('report', run, '--reporter', 'json').status).toBe(0)
  expect(snapshotPackage()).toEqual(before)
})

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
  const source = `import { defineConfig, judgeDirectory } from 'nodrop'
import { openLab } from 'nodrop'
import type { Analysis, RunResult, Verdict } from 'nodrop'
import 'nodrop/vitest'
import { expect } from 'vitest'
export default defineConfig({
  target: { kind: 'deployment', name: 'shop', context: 'staging', path: '/cart' },
  scenarios: ['rollout'],
  gates: { lost: 0, p99Ms: '<250ms' },
})
// @ts-expect-error -- not a gate
defineConfig({ gates: { p95Ms: 3 } })
export const judge = async (directory: string): Promise<Analysis[]> =>
  (await judgeDirectory(directory)).runs.map(({ analysis }) => analysis)
export const verdict: Verdict = 'passed'
export async function measure(): Promise<RunResult> {
  await using lab = await openLab({ cluster: 'local', signal: AbortSignal.timeout(60_000) })
  const run = lab.run('rollout', { configuration: 'graceful', rounds: 2, gates: { lost: 0 } })
  for await (const event of run) if (event.type === 'record' && event.record.type === 'pod') event.record.pod.name.trim()
  const result = await run
  expect(result).toLoseNoRequests()
  expect(result).not.toStayUnder({ p99Ms: 5 })
  expect(result).toHaveMargin({ atLeastMs: 100 })
  // @ts-expect-error -- not an option
  void lab.run('rollout', { configuratoin: 'graceful' })
  // @ts-expect-error -- not a limit
  expect(result).toStayUnder({ p95Ms: 5 })
  return result
}
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

test('package: its matchers are there in a test of a project', () => {
  const source = `import { expect, test } from 'vitest'
import 'nodrop/vitest'
test('a run', () => expect({ row: {}, analyses: [], verdict: 'unknown', because: ['nobody knows'] }).not.toLoseNoRequests())
`
  writeFileSync(join(project, 'mine.test.ts'), source)
  const vitest = join(home, 'node_modules/vitest/vitest.mjs')
  const options = ['run', '--no-color', '--root', project, 'mine.test.ts']
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, ...options], {
    cwd: project,
    encoding: 'utf8',
  })
  expect([status, stdout + stderr]).toEqual([
    1,
    expect.stringContaining('expected the run not to lose no requests, but there is no verdict: nobody knows'),
  ])
})

/** Commands of the README that are not run unchanged, and why. */
const notRun: Record<string, string> = {
  'npm install --save-dev ../nodrop/nodrop-0.1.0.tgz': 'what it depends on would be fetched: it is linked here',
  'npx nodrop watch deployment/shop -n shop --context staging --image-registry registry.example/team --rate 20 --for 2h':
    'it lasts for hours; a short one is played in harness/e2e/watch',
}
const manifest = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: shop }
spec: { selector: { app: shop }, ports: [{ port: 8080, targetPort: web }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      terminationGracePeriodSeconds: 8
      containers:
        - name: web
          image: nodrop/app:dev
          ports: [{ name: web, containerPort: 8000 }]
          readinessProbe: { httpGet: { path: /healthz, port: web }, periodSeconds: 1 }
          lifecycle: { preStop: { sleep: { seconds: 1 } } }
`
const problem = findKubectlProblem() ?? (await checkEmbeddedMachine()).find(({ ok }) => !ok)?.found ?? null

/** On the embedded cluster in the role of one run by others, by a context of the kubeconfig. */
describe.skipIf(problem !== null)('README: measure your own service', () => {
  const shell = (line: string): { status: number | null; stdout: string; stderr: string } => {
    const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter)
    const own = { KUBECONFIG: join(project, 'kubeconfig'), XDG_CACHE_HOME: join(project, 'cache') }
    const env = { ...process.env, PATH, ...own }
    return spawnSync('bash', ['-c', line], { cwd: project, encoding: 'utf8', env })
  }
  const play = (line: string): void => {
    const { status, stderr } = shell(line)
    if (status !== 0) throw new Error(`${line} ended with ${status}: ${stderr}`)
  }
  beforeAll(() => {
    play('npx nodrop up --cluster local')
    const kubeconfig = readFileSync(join(project, 'nodrop-report/cluster/local/kubeconfig'), 'utf8')
    writeFileSync(join(project, 'kubeconfig'), kubeconfig, { mode: 0o600 })
    writeFileSync(join(project, 'shop.yaml'), manifest)
    play('kubectl config rename-context "$(kubectl config current-context)" staging')
    play('kubectl apply -f shop.yaml')
    play('kubectl rollout status deployment/shop -n shop --timeout 60s')
  }, 120_000)
  afterAll(() => void shell('npx nodrop down --cluster local'))

  test('its commands do what it says, as they stand there', { timeout: 240_000 }, () => {
    const commands = readReadmeCommands('Measure your own service')
    expect(commands).toEqual(expect.arrayContaining(Object.keys(notRun)))
    const [init = '', ...runs] = commands.filter((one) => notRun[one] === undefined)
    const written = shell(init)
    expect([written.status, written.stdout]).toEqual([
      0,
      expect.stringMatching(/^Wrote nodrop\.config\.ts: deployment\/shop in the namespace shop of staging, 2 pods/),
    ])
    expect(readFileSync(join(project, 'nodrop.config.ts'), 'utf8')).toContain("path: '/healthz',")
    for (const line of runs) {
      const { status, stdout, stderr } = shell(line)
      expect(stderr).toMatch(/^Settings of nodrop\.config\.ts;/)
      // A busy machine may prevent a verdict, and gunicorn may cut a kept connection: only that the command is played matters.
      expect(line.includes('--dry-run') ? [0] : [0, 1, 4]).toContain(status)
      expect(stdout).toMatch(line.includes('--dry-run') ? /^Target: deployment\/shop .* 2 pods/ : /^Report: file:\/\//m)
    }
    const analyses = readdirSync(join(project, 'nodrop-report/runs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('analysis.json'))
      .sort()
      .map((name) => JSON.parse(readFileSync(join(project, 'nodrop-report/runs', name), 'utf8')) as Analysis)
    expect(analyses.map(({ scenario, ending, gates }) => [scenario, ending, gates.length])).toEqual([
      ['rollout', 'complete', 1],
      ['command', 'complete', 1],
    ])
    expect(
      analyses.every(
        ({ ledger, pods }) => ledger.sent > 250 && pods.filter(({ goneUs }) => goneUs !== null).length >= 2,
      ),
    ).toBe(true)
  })
})
