/** Measures the capacity of each chosen configuration on one cluster, and stores it where runs find it. */
import { join, resolve } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { connectApi } from '../../cluster/api.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { acquireCluster } from '../../cluster/clusters.ts'
import type { ManagedClusterChoice } from '../../cluster/clusters.ts'
import { bundleDriver } from '../../load/service/bundle.ts'
import type { Environment, RunPlan } from '../../model/plan.ts'
import { runScenarioModules } from '../../plan/catalogue.ts'
import type { RunOptions } from '../../run/run-options.ts'
import { readBaseManifests } from '../objects/base-manifests.ts'
import { createComparison } from '../comparison-directory.ts'
import type { Comparison } from '../comparison-directory.ts'
import { createRunPlan, planComparison } from '../plan-runs.ts'
import type { ComparisonOptions, PlannedRun } from '../plan-runs.ts'
import { prepareMachine } from '../prepare-machine.ts'
import type { MeasureContext } from '../run-comparison.ts'
import { storeCapacity } from './capacity-store.ts'
import type { StoredCapacity } from './capacity-store.ts'
import type { Step } from './knee.ts'
import { probeCapacity } from './probe.ts'
import type { ProbeOptions } from './probe.ts'

export interface CapacityOptions extends Pick<ComparisonOptions, 'config' | 'replicas' | 'scenarios' | 'manifests'> {
  scenario: string
  cluster: ManagedClusterChoice
  kindImage?: string
  /** Requests per second of the base; absent: a quarter of the scenario's. */
  start?: number
  /** Directory of results and logs. */
  out: string
}

export interface CapacityContext extends Omit<MeasureContext, 'progress'> {
  log: (line: string) => void
  onStep: (configuration: string, step: Step) => void
}

/** One driver, through the Service, once. */
const singleDriver = { engine: 'driver', drivers: 1, via: { kind: 'service' }, rounds: 1, seed: 1 } as const

interface ProbeContext {
  planned: readonly PlannedRun[]
  base: RunOptions['base']
  out: string
  start: number | undefined
  comparison: Comparison
  onStep: CapacityContext['onStep']
  signal: AbortSignal
}

export async function measureCapacity(options: CapacityOptions, context: CapacityContext): Promise<StoredCapacity[]> {
  const { paths, log, onStep, signal } = context
  const comparisonOptions = { ...options, ...singleDriver, scenario: [options.scenario] }
  await runScenarioModules(options.scenarios)
  const planned = selectConfigurations(planComparison(comparisonOptions), options.config)
  const base = readBaseManifests(options.manifests)
  const out = resolve(options.out)
  const comparison = createComparison(join(out, 'logs'), new Date())
  await using cluster = await acquireCluster(options.cluster, {
    paths,
    stateDir: comparison.directory,
    log,
    signal,
    ...(options.kindImage !== undefined && { kindImage: options.kindImage }),
  })
  log(cluster.description)
  return await probeEach(cluster, { planned, base, out, start: options.start, comparison, onStep, signal })
}

/** Without names, the first that is not a demonstration of losses: configurations differ in how their pods end. */
function selectConfigurations(planned: PlannedRun[], config: string[] | undefined): PlannedRun[] {
  if (config !== undefined) return planned
  const [first] = planned.toSorted((a, b) => rankByExpectation(a) - rankByExpectation(b))
  if (!first) throw new Fault('usage', 'Cannot measure a capacity: there is no configuration')
  return [first]
}

const rankByExpectation = ({ file }: PlannedRun): number => (file.configuration.expects === 'loses' ? 1 : 0)

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

/** The same for all configurations. */
interface ProbeEnvironment extends Pick<ProbeOptions, 'api' | 'driverCode' | 'signal'> {
  environment: Environment
}

async function probeOne(one: PlannedRun, plan: RunPlan, at: ProbeContext & ProbeEnvironment): Promise<StoredCapacity> {
  const { out, start, environment, base } = at
  const { patch, configuration } = one.file
  const { load, replicas } = plan.scenario
  const directory = join(at.comparison.directory, configuration.name)
  const startPerSecond = start ?? load.ratePerSecond / 4
  const onStep = (step: Step): void => at.onStep(configuration.name, step)
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
