/** The runs of a comparison: every scenario × configuration, in random order in each round. */
import { listScenarios, readConfigurations, selectByName } from '../plan/catalogue.ts'
import type { ConfigurationFile } from '../plan/catalogue.ts'
import { Fault } from '../base/fault.ts'
import { createRandom, shuffleList } from '../base/random.ts'
import { resolveListedRequests } from '../load/client/listed-requests.ts'
import type { EngineName } from '../load/service/bundle.ts'
import { listGates } from '../model/gates/gates.ts'
import type { Gate } from '../model/gates/gates.ts'
import { withRequestList } from '../model/load/lane-requests.ts'
import type { WeightedRequest } from '../model/load/requests.ts'
import { maxRuns } from '../model/plan.ts'
import type { ClusterKind } from '../model/cluster-kind.ts'
import type { Environment, LoadPlan, RunPlan, Scenario, Via } from '../model/plan.ts'
import { explainImpossibleSteps } from '../model/steps/order.ts'
import type { Workload } from '../model/workload.ts'
import { buildWorkload } from '../plan/workload.ts'
import type { Comparison } from './comparison-directory.ts'
import { addTwins, limitRounds } from './plan-cells.ts'

export interface ComparisonOptions {
  scenario: string[]
  config?: string[]
  rate?: number
  /** Autocannon is a closed loop with a number of connections in place of a rate. */
  engine: EngineName
  connections?: number
  /** Number of drivers that share the load. */
  drivers: number
  via: Via
  replicas?: number
  rounds: number
  /** Names of configurations that a single round plays first, in this order, if they are chosen. */
  lead?: string[]
  /** Maximum number of rounds of a configuration that may be repeated because they were disturbed; absent: half of all, rounded up. */
  repeats?: number
  /** Maximum number of requests that each run's event log keeps as single records. */
  fullRecords?: number
  /** False: the kernel does not report the pods of connections; true: it does, also by a pod on the drivers' nodes. */
  connectionTracking?: boolean
  seed: number
  scenarios: string
  /** Scenarios that are in no file. */
  definitions?: readonly Scenario[]
  manifests: string
  /** They decide in place of the configurations' hypotheses. */
  gates?: Gate[]
  /** Only these pairs of scenarios and configurations. */
  only?: readonly { scenario: string; configuration: string }[]
  /** In place of the scenarios' requests. */
  requests?: WeightedRequest[]
  /** Rounds continue until every pair is decided; `rounds` above 1 is then their maximum. */
  untilDecided?: boolean
  /** Maximum time for `untilDecided`. */
  max?: number
  /** The configuration that is played twice, under two names; `true`: the only one. */
  aa?: string | true
}

/** One run of the comparison, before the cluster is known. */
export interface PlannedRun {
  scenario: Scenario
  file: ConfigurationFile
  drivers: number
  via: Via
  round: number
  seed: number
  fullRecords?: number
  connectionTracking?: false
  /** For a workload that runs already; absent: the result of base and configuration. */
  workload?: Workload
}

/** Throws a usage Fault for missing or contradictory options. */
export function planComparison(asked: ComparisonOptions): PlannedRun[] {
  const scenarios = selectByName(listScenarios(asked), ({ name }) => name, 'scenario', asked.scenario)
  const files = selectByName(
    readConfigurations(asked.manifests),
    (file) => file.configuration.name,
    'configuration',
    asked.config,
  )
  const cells = scenarios.flatMap((scenario) =>
    files
      .filter((file) => isAskedFor(scenario, file, asked))
      .map((file) => ({ scenario: resolveScenario(withRequests(scenario, asked), asked), file })),
  )
  return planRounds(cells, asked)
}

function isAskedFor({ name }: Scenario, { configuration }: ConfigurationFile, { only }: ComparisonOptions): boolean {
  return !only || only.some((pair) => pair.scenario === name && pair.configuration === configuration.name)
}

function withRequests(scenario: Scenario, { requests }: ComparisonOptions): Scenario {
  return requests === undefined ? scenario : { ...scenario, load: withRequestList(scenario.load, requests) }
}

/** Every cell in each round, in random order; throws a usage Fault if there are too many, or nothing can be decided. */
export function planRounds(
  given: readonly Pick<PlannedRun, 'scenario' | 'file' | 'workload'>[],
  asked: ComparisonOptions,
): PlannedRun[] {
  const cells = asked.aa === undefined ? given : addTwins(given, asked.aa)
  const rounds = asked.untilDecided ? limitRounds(cells, asked) : asked.rounds
  const count = cells.length * rounds
  if (count > maxRuns) throw new Fault('usage', `Cannot plan ${count} runs: a comparison has at most ${maxRuns}`)
  const random = createRandom(asked.seed)
  const gated = cells.map((cell) => ({ ...cell, file: withGates(cell.file, asked) }))
  return Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) =>
    // A single round is shown in the order of the table; with several, the order must not look like an effect.
    (rounds === 1 ? leadWith(gated, asked) : shuffleList(gated, random)).map((cell) => ({
      ...cell,
      drivers: asked.drivers,
      via: asked.via,
      round,
      seed: asked.seed + round - 1,
      ...(asked.fullRecords !== undefined && { fullRecords: asked.fullRecords }),
      ...(asked.connectionTracking === false && { connectionTracking: false }),
    })),
  )
}

/** The other configurations keep their order. */
function leadWith<T extends Pick<PlannedRun, 'file'>>(cells: readonly T[], { lead = [] }: ComparisonOptions): T[] {
  const rank = ({ file }: T): number => {
    const place = lead.indexOf(file.configuration.name)
    return place < 0 ? lead.length : place
  }
  return cells.toSorted((a, b) => rank(a) - rank(b))
}

/** A plan names the gates that decide, even if they are the default. */
function withGates(file: ConfigurationFile, asked: ComparisonOptions): ConfigurationFile {
  const gates = asked.gates ?? listGates(file.configuration)
  return gates.length === 0 ? file : { ...file, configuration: { ...file.configuration, gates: [...gates] } }
}

/** Share of the rate: enough to notice a stop of a second, and too little to affect the workload. */
const controlShare = 0.05
const maxControlPerSecond = 20

/**
 * The scenario with the requested options; throws a usage Fault if it would have no effect, is impossible, or needs a variable that is
 * missing in the environment.
 */
export function resolveScenario(scenario: Scenario, asked: ComparisonOptions): Scenario {
  const { rate, replicas } = asked
  const whole = {
    ...scenario,
    replicas: replicas ?? scenario.replicas,
    load: applyEngine(withControlRate({ ...scenario.load, ratePerSecond: rate ?? scenario.load.ratePerSecond }), asked),
  }
  resolveListedRequests(whole.load, '/')
  const why = explainImpossibleSteps(scenario.steps, whole.replicas)
  if (why !== null) {
    throw new Fault('usage', `Cannot run ${scenario.name} with ${whole.replicas} replicas: ${why}`)
  }
  return whole
}

function withControlRate(load: LoadPlan): LoadPlan {
  const { ratePerSecond, controlPerSecond = Math.min(maxControlPerSecond, controlShare * ratePerSecond) } = load
  return { ...load, controlPerSecond }
}

/** By default as many connections as the rate would keep busy while the application works. */
function applyEngine(load: LoadPlan, { engine, connections, drivers }: ComparisonOptions): LoadPlan {
  if (engine === 'autocannon') {
    if (load.tls) throw new Fault('usage', 'Cannot use --engine autocannon with a scenario that asks for TLS')
    const busy = Math.max(1, Math.ceil((load.ratePerSecond * load.workMs) / 1000))
    if (connections !== undefined && connections < drivers) {
      throw new Fault('usage', `Cannot share ${connections} connections between ${drivers} drivers: each needs one`)
    }
    return { ...load, closedLoop: { engine, connections: connections ?? Math.max(drivers, busy) } }
  }
  if (drivers > 1 && drivers > load.ratePerSecond) {
    const what = `${load.ratePerSecond} requests/s between ${drivers} drivers`
    throw new Fault('usage', `Cannot share ${what}: each must have one a second to send`)
  }
  if (connections === undefined) return load
  throw new Fault(
    'usage',
    'Cannot use --connections with an open loop: there are as many as the rate needs',
    'Give --engine autocannon for a closed loop, or --rate.',
  )
}

export interface RunSite {
  comparison: Comparison
  cluster: ClusterKind
  environment: Environment
  /** Objects of the base, including the workload's. */
  objects: readonly object[]
}

/** Throws a usage Fault if the objects do not include the workload. */
export function createRunPlan(planned: PlannedRun, site: RunSite): RunPlan {
  const { comparison, cluster, environment, objects } = site
  const { scenario, file, drivers, via, round, seed, fullRecords, connectionTracking } = planned
  const runId = `${comparison.id}-${scenario.name}-${file.configuration.name}-r${round}`
  return {
    schema: 1,
    runId,
    scenario,
    configuration: file.configuration,
    workload: planned.workload ?? buildWorkload(objects, file.patch, scenario.load),
    cluster,
    drivers,
    via,
    ...(fullRecords !== undefined && { fullRecords }),
    ...(connectionTracking !== undefined && { connectionTracking }),
    round,
    seed,
    environment,
  }
}
