/** Runs in turn on an API server that lets none of them deploy: they are planned, reported, logged and judged all the same. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Fault, getErrorMessage } from '../base/fault.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { readComparison } from '../log/comparison-file.ts'
import { readPlan } from '../log/plan-file.ts'
import type { ReportedRun } from '../judge/report/reported-run.ts'
import { buildRefusal, startApiProxy } from '../testing/api-proxy.ts'
import type { ApiProxy } from '../testing/api-proxy.ts'
import { comparisonOptions } from '../testing/samples/sample-options.ts'
import { readBaseManifests } from './objects/base-manifests.ts'
import { storeCapacity } from './capacity/capacity-store.ts'
import { executeRuns, rejectUnsupportedRoute } from './execute-runs.ts'
import type { ExecuteRunsOptions } from './execute-runs.ts'
import { createComparison } from './comparison-directory.ts'
import { createRunPlan, planComparison } from './plan-runs.ts'
import type { ComparisonOptions } from './plan-runs.ts'
import { describeEnvironment } from './prepare-machine.ts'

const asked: ComparisonOptions = { ...comparisonOptions, config: ['naive', 'graceful'] }
const { manifests } = asked

let server: ApiProxy
beforeAll(async () => {
  server = await startApiProxy()
})
afterAll(() => server[Symbol.asyncDispose]())

interface Played {
  runs: ReportedRun[]
  /** The error of `executeRuns`. */
  error: unknown
  directory: string
  /** The printed lines, and the start and the end of each run that was shown. */
  said: string[]
  shown: string[]
  createdNamespaces: () => string[]
}

interface Given {
  options?: Partial<ComparisonOptions>
  more?: Partial<ExecuteRunsOptions>
  kind?: Cluster['kind']
  lost?: AbortController
  /** An existing comparison; default: a new one. */
  there?: string
  /** Called with the comparison's directory when a namespace is requested. */
  onNamespace?: (directory: string) => void
}

async function play({
  options = {},
  more = {},
  kind = 'kubeconfig',
  lost,
  there,
  onNamespace,
}: Given = {}): Promise<Played> {
  const directory = there ?? mkdtempSync(join(tmpdir(), 'nodrop-execute-'))
  if (there === undefined) onTestFinished(() => rmSync(directory, { recursive: true }))
  server.requests.length = 0
  server.answer = ({ method, path }) => {
    if (path === '/version') return { status: 200, body: { gitVersion: 'v1.35.2' } }
    if (method !== 'POST' || path !== '/api/v1/namespaces') return undefined
    onNamespace?.(directory)
    return buildRefusal(403, 'over quota')
  }
  const kubeconfig = join(directory, 'kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify({ ...JSON.parse(server.kubeconfig('x')), 'current-context': 'x' }))
  const [said, shown, runs]: [string[], string[], ReportedRun[]] = [[], [], []]
  const cluster: Cluster = {
    kind,
    kubeconfig,
    description: '',
    lost: (lost ?? new AbortController()).signal,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const error = await executeRuns(cluster, {
    planned: planComparison({ ...asked, ...options }),
    base: readBaseManifests(manifests),
    comparison: { id: 'c1', directory },
    engine: 'driver',
    runs,
    progress: {
      say: (line) => void said.push(line),
      beginRun: (title) => ({ see: () => undefined, end: (line) => void shown.push(`${title}: ${line}`) }),
    },
    signal: new AbortController().signal,
    ...more,
  }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  const createdNamespaces = (): string[] =>
    server.requests
      .filter(({ method, path }) => method === 'POST' && path === '/api/v1/namespaces')
      .map(({ body }) => (JSON.parse(body) as { metadata: { name: string } }).metadata.name)
  return { runs, error, directory, said, shown, createdNamespaces }
}

test('runs: each in its turn has a directory, a plan and a verdict, also when it went wrong', async () => {
  const plans: unknown[] = []
  const { runs, error, directory, shown, createdNamespaces } = await play({
    more: { mostRepeats: 5 },
    onNamespace: (folder) => void plans.push(readComparison(folder)),
  })
  expect(error).toBeUndefined()
  expect(runs.map(({ dir, analysis }) => [dir, analysis.configuration, analysis.verdict])).toEqual([
    ['1-rollout-naive-r1', 'naive', 'unknown'],
    ['2-rollout-graceful-r1', 'graceful', 'unknown'],
  ])
  for (const { analysis } of runs) expect(analysis.sentence).toContain('over quota')
  expect(shown.map((line) => line.split(': ')[0])).toEqual(['1/2 rollout × naive', '2/2 rollout × graceful'])
  expect(shown[0]).toContain(runs[0]!.analysis.sentence)
  expect(createdNamespaces()).toEqual(runs.map(({ plan }) => expect.stringContaining(plan.configuration.name)))
  expect(readPlan(join(directory, '1-rollout-naive-r1'))).toMatchObject({
    runId: 'c1-rollout-naive-r1',
    cluster: 'kubeconfig',
    environment: { kubernetes: 'v1.35.2', node: process.version },
  })
  // On other clusters every field of a pod has its effect.
  expect(runs[0]!.plan).not.toHaveProperty('keptFields')
  // The plan of the comparison is on disk before its first run, and no round is repeated that was not completed.
  expect(plans).toHaveLength(2)
  expect(plans[0]).toMatchObject({ id: 'c1', rounds: 1, mostRepeats: 5, repeats: [], runs: [{}, {}] })
  expect(readComparison(directory)).toEqual(plans[0])
})

test('interrupted: the run that is under way is judged, and no other begins', async () => {
  const stop = new AbortController()
  const { runs, error, directory, createdNamespaces } = await play({
    more: { signal: stop.signal },
    onNamespace: () => stop.abort(new Fault('interrupted', 'Interrupted')),
  })
  expect(error).toBeUndefined()
  expect(createdNamespaces()).toHaveLength(1)
  expect(runs.map(({ dir }) => dir)).toEqual(['1-rollout-naive-r1'])
  expect(existsSync(join(directory, '2-rollout-graceful-r1'))).toBe(false)
  // Runs that did not happen are still part of it.
  expect(readComparison(directory)?.runs).toHaveLength(2)
})

test('resumed: what is done is not run again, what was cut short is set aside, and the plan stays what it was', async () => {
  const options = { rounds: 2, seed: 5 }
  const { runs, directory } = await play({ options })
  const written = readComparison(directory)!
  // A round that was about to be repeated when the comparison was interrupted.
  const { cell, round, seed } = written.runs[0]!
  const repeat = { dir: '5-again', runId: 'again', cell, round, seed, attempt: 2, because: 'the driver was late' }
  const plan = { ...written, repeats: [repeat] }
  // None could be deployed; the first one is treated as completed.
  const [first] = runs
  const done = [{ ...first!, analysis: { ...first!.analysis, ending: 'complete' as const } }]
  const resumed = { id: 'c1', directory, plan, done }
  // The options now give another order, and one round.
  const again = await play({ there: directory, options: { config: ['graceful', 'naive'] }, more: { resumed } })
  expect(again.error).toBeUndefined()
  const dirs = plan.runs.map(({ dir }) => dir)
  expect(again.runs.map(({ dir }) => dir)).toEqual([...dirs, repeat.dir])
  expect(again.runs.map((run) => run.plan.seed)).toEqual([...plan.runs, repeat].map((run) => run.seed))
  expect(again.shown.map((line) => line.split(' ')[0])).toEqual(['2/5', '3/5', '4/5', '5/5'])
  expect(readdirSync(directory).filter((name) => name.includes('interrupted'))).toEqual(
    dirs.slice(1).map((dir) => `${dir}.interrupted-1`),
  )
  expect(readComparison(directory)).toEqual(plan)
})

test('resumed: another load, configuration or machine is refused, by what differs', async () => {
  const { directory } = await play({ options: { config: ['naive'] } })
  const plan = readComparison(directory)!
  const resume = async (options: Partial<ComparisonOptions>, cell: object = {}): Promise<unknown> => {
    const changed = { ...plan, cells: plan.cells.map((one) => ({ ...one, ...cell })) }
    const resumed = { id: 'c1', directory, plan: changed, done: [] }
    return (await play({ there: directory, options: { config: ['naive'], ...options }, more: { resumed } })).error
  }
  expect(await resume({ rate: 50 })).toMatchObject({
    kind: 'usage',
    message: 'Cannot resume c1: rollout × naive is not what it was: scenario.load.ratePerSecond was 200, is 50',
  })
  expect(await resume({ config: ['graceful'] })).toMatchObject({
    message: 'Cannot resume c1: rollout × naive is not asked for',
  })
  const environment = { ...plan.cells[0]!.environment, kernel: '4.19.0' }
  expect(getErrorMessage(await resume({}, { environment }))).toContain('environment.kernel was "4.19.0", is "')
})

test('cluster that ends by itself: no other run begins, and the reason is told once', async () => {
  const lost = new AbortController()
  const { runs, said } = await play({
    lost,
    onNamespace: () => lost.abort(new Fault('unknown', 'The cluster has ended')),
  })
  expect(runs).toHaveLength(1)
  const told = [...said, runs[0]!.analysis.sentence].filter((text) => text.includes('The cluster has ended'))
  expect(told).toHaveLength(1)
})

test('interrupted before the first run: nothing is planned on disk, nothing asked for', async () => {
  const stop = new AbortController()
  stop.abort(new Fault('interrupted', 'Interrupted'))
  const { runs, directory, createdNamespaces } = await play({ more: { signal: stop.signal } })
  expect([runs, createdNamespaces(), readComparison(directory)]).toEqual([[], [], null])
})

test('until decided: each round is on disk before it begins, and they end where none can be judged', async () => {
  const seen: (ReturnType<typeof readComparison> | undefined)[] = []
  const { runs, said, directory } = await play({
    options: { untilDecided: true },
    more: { untilDecided: { maxMs: 3_600_000 } },
    onNamespace: (folder) => void seen.push(readComparison(folder)),
  })
  expect(runs).toHaveLength(6)
  expect(said.filter((line) => line.startsWith('No more rounds'))).toEqual([
    expect.stringContaining('could be judged after 3 rounds'),
  ])
  expect(seen.map((comparison) => comparison?.rounds)).toEqual([1, 1, 2, 2, 3, 3])
  const comparison = readComparison(directory)!
  expect(comparison).toMatchObject({ rounds: 3, seed: 1, mostRepeats: 0, untilDecided: { maxMs: 3_600_000 } })
  expect(comparison.runs.map(({ dir }) => dir)).toEqual(runs.map(({ dir }) => dir))
  expect(runs[0]!.dir).toMatch(/^001-rollout-/)
})

test('capacity: what was measured of the workload stands in the plan, and a load above half of it is warned of', async () => {
  const capacities = mkdtempSync(join(tmpdir(), 'nodrop-capacities-'))
  onTestFinished(() => rmSync(capacities, { recursive: true }))
  const [planned] = planComparison({ ...asked, config: ['naive'] })
  const base = readBaseManifests(manifests)
  const environment = describeEnvironment({ kubernetes: 'v1.35.2' })
  const plan = createRunPlan(planned!, {
    comparison: createComparison(capacities, new Date(0)),
    cluster: 'kubeconfig',
    environment,
    objects: base.workload,
  })
  const known = { kneePerSecond: 300, belowPerSecond: 280, measured: '2026-01-01T00:00:00.000Z' }
  const stored = { schema: 1, configuration: 'naive', ...known } as Parameters<typeof storeCapacity>[2]
  storeCapacity(capacities, { base, patch: planned!.file.patch, plan }, stored)
  const { runs, said } = await play({ more: { capacities }, options: { config: ['naive'] } })
  expect(runs[0]!.plan.capacity).toEqual(known)
  expect(said.filter((line) => line.startsWith('naive: '))).toEqual([
    expect.stringContaining('200 requests/s are more than half of the 300/s at which p99 doubles'),
  ])
})

test('fields: those that the embedded cluster keeps without effect are named in its plans', async () => {
  const base = readBaseManifests(manifests)
  const [deployment] = base.workload.filter(({ kind }) => kind === 'Deployment') as {
    spec: { template: { spec: Record<string, unknown> } }
  }[]
  deployment!.spec.template.spec['hostUsers'] = false
  const { runs } = await play({ kind: 'local', options: { config: ['naive'] }, more: { base } })
  expect(runs[0]!.plan.keptFields).toContain('hostUsers')
})

test('route: through an Ingress only where there may be one', () => {
  const planned = planComparison({ ...asked, via: { kind: 'ingress', host: 'shop.test', port: 80 } })
  expect(() => rejectUnsupportedRoute(planned, 'local')).toThrow('Cannot take the load through an Ingress')
  expect(() => rejectUnsupportedRoute(planned, 'kind')).not.toThrow()
  expect(() => rejectUnsupportedRoute(planComparison(asked), 'local')).not.toThrow()
})
