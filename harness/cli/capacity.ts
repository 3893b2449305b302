/** `nodrop capacity`: at which rate the workload's p99 doubles, so that runs can stay well below it. */
import { join, resolve } from 'node:path'
import type { Step } from '../measure/capacity/knee.ts'
import { probeCapacity } from '../measure/capacity/probe.ts'
import type { ProbeOptions } from '../measure/capacity/probe.ts'
import { connectApi } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { createDirectory } from '../base/durable-file.ts'
import { Fault, exitCodes } from '../base/fault.ts'
import { bundleDriver } from '../load/service/bundle.ts'
import type { Environment, RunPlan } from '../model/plan.ts'
import type { RunOptions } from '../run/run-options.ts'
import { printLines, printJson } from '../terminal/print.ts'
import { createProgress } from '../terminal/progress.ts'
import type { Progress } from '../terminal/progress.ts'
import { formatCapacity, formatStep } from './capacity-text.ts'
import { acquireCluster } from '../cluster/clusters.ts'
import type { Paths, ManagedClusterChoice } from '../cluster/clusters.ts'
import { createComparison, planComparison, createRunPlan } from '../measure/comparison.ts'
import type { ComparisonOptions, Comparison, PlannedRun } from '../measure/comparison.ts'
import { handleInterrupts } from '../terminal/interrupt.ts'
import { storeCapacity } from '../measure/capacity/capacity-store.ts'
import type { StoredCapacity } from '../measure/capacity/capacity-store.ts'
import { prepareMachine } from '../measure/prepare-machine.ts'
import { readBaseManifests } from '../measure/run-each.ts'

export interface CapacityCommandOptions extends Pick<
  ComparisonOptions,
  'config' | 'replicas' | 'scenarios' | 'manifests'
> {
  scenario: string
  cluster: ManagedClusterChoice
  kindImage?: string
  start?: number
  out: string
  json?: boolean
}

/** One driver, through the Service, once. */
const singleDriver = { engine: 'driver', drivers: 1, via: { kind: 'service' }, rounds: 1, seed: 1 } as const

interface ProbeContext {
  planned: readonly PlannedRun[]
  base: RunOptions['base']
  /** Where results are kept. */
  out: string
  start: number | undefined
  comparison: Comparison
  progress: Progress
  signal: AbortSignal
}

export async function capacityCommand(options: CapacityCommandOptions, paths: Paths): Promise<number> {
  const { scenario } = options
  const asked: ComparisonOptions = { ...options, ...singleDriver, scenario: [scenario] }
  const planned = selectConfigurations(planComparison(asked), options.config)
  const base = readBaseManifests(options.manifests)
  const out = resolve(options.out)
  const comparison = createComparison(join(out, 'logs'), new Date())
  createDirectory(comparison.directory, 0o700)
  const progress = createProgress(process.stderr)
  const signal = handleInterrupts(progress, 'letting requests in flight finish')
  await using cluster = await acquireCluster(options.cluster, {
    paths,
    stateDir: comparison.directory,
    log: (line) => progress.say(line),
    signal,
    ...(options.kindImage !== undefined && { kindImage: options.kindImage }),
  })
  progress.say(cluster.description)
  const all = await probeEach(cluster, { planned, base, out, start: options.start, comparison, progress, signal })
  if (options.json) printJson(all)
  else printLines(...all.flatMap((one) => ['', ...formatCapacity(one)]))
  return all.some(({ kneePerSecond }) => kneePerSecond === null) ? exitCodes.unknown : exitCodes.ok
}

/** Without a name the first that is expected to lose nothing: configurations differ in how their pods end. */
function selectConfigurations(planned: PlannedRun[], config: string[] | undefined): PlannedRun[] {
  if (config !== undefined) return planned
  const [first] = planned.toSorted((a, b) => rankByExpectation(a) - rankByExpectation(b))
  if (!first) throw new Fault('usage', 'Cannot tell a capacity without a configuration')
  return [first]
}

const rankByExpectation = ({ file }: PlannedRun): number => (file.configuration.expects === 'loses-none' ? 0 : 1)

async function probeEach(cluster: Cluster, probing: ProbeContext): Promise<StoredCapacity[]> {
  const { planned, base, comparison } = probing
  using closing = new DisposableStack()
  const api = closing.adopt(connectApi(cluster.kubeconfig, cluster), ({ close }) => close())
  using machine = await prepareMachine(cluster, api)
  const site: ProbeEnvironment = {
    api,
    driverCode: await bundleDriver(),
    environment: machine.environment,
    signal: AbortSignal.any([probing.signal, cluster.lost, api.identityChanged]),
  }
  const { environment } = machine
  const objects = base.workload
  const all: StoredCapacity[] = []
  for (const one of planned)
    all.push(
      await probeOne(one, createRunPlan(one, { comparison, cluster: cluster.kind, environment, objects }), {
        ...probing,
        ...site,
      }),
    )
  return all
}

/** What is the same for all configurations. */
interface ProbeEnvironment extends Pick<ProbeOptions, 'api' | 'driverCode' | 'signal'> {
  environment: Environment
}

async function probeOne(one: PlannedRun, plan: RunPlan, at: ProbeContext & ProbeEnvironment): Promise<StoredCapacity> {
  const { out, start, progress, environment, base } = at
  const { patch, configuration } = one.file
  const { load, replicas } = plan.scenario
  const directory = join(at.comparison.directory, configuration.name)
  const startPerSecond = start ?? load.ratePerSecond / 4
  const onStep = (step: Step): void => progress.say(`${configuration.name}: ${formatStep(step)}`)
  const measured = new Date().toISOString()
  const knee = await probeCapacity({ ...at, plan, patch, directory, startPerSecond, onStep })
  const stored: StoredCapacity = {
    schema: 1,
    configuration: configuration.name,
    kneePerSecond: knee.kneePerSecond,
    belowPerSecond: knee.belowPerSecond,
    measured,
    plan: { cluster: plan.cluster, environment, replicas, load },
    knee,
    directory,
  }
  storeCapacity(out, { base, patch, plan }, stored)
  return stored
}
