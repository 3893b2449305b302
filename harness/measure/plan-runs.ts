/** What a comparison consists of: every scenario × configuration, in each round in a random order of its own. */
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
  /** Autocannon is a closed loop, of so many connections in place of a rate. */
  engine: EngineName
  connections?: number
  /** So many share the load. */
  drivers: number
  via: Via
  replicas?: number
  rounds: number
  /** Names of configurations that a single round plays first, in this order, where they are chosen. */
  lead?: string[]
  /** So many rounds of a configuration may be repeated because they were disturbed; absent: half as many as there are, rounded up. */
  repeats?: number
  /** Requests that each run's event log keeps one by one. */
  fullRecords?: number
  /** False: the kernel is not asked to which pods it leads connections; true: also by a pod on the drivers' nodes. */
  connectionTracking?: boolean
  seed: number
  scenarios: string
  /** Scenarios that are in no file. */
  definitions?: readonly Scenario[]
  manifests: string
  /** Decide in place of what configurations are expected to show. */
  gates?: Gate[]
  /** Of all scenarios and configurations, these pairs alone. */
  only?: readonly { scenario: string; configuration: string }[]
  /** In place of what the scenarios ask for. */
  requests?: WeightedRequest[]
  /** Rounds go on until every pair is decided; `rounds` above 1 is then their limit. */
  untilDecided?: boolean
  /** For how long, with `untilDecided`. */
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
  /** Where it runs already; absent: what the base and the configuration make. */
  workload?: Workload
}

/** Throws a usage Fault for what is not there or makes no sense. */
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

/** Every cell in each round, a block in random order; throws a usage Fault when they are too many, or nothing can be decided. */
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
    // One round is shown in the order of the table; over several, order must not be mistaken for effect.
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

/** The other configurations stay in their order. */
function leadWith<T extends Pick<PlannedRun, 'file'>>(cells: readonly T[], { lead = [] }: ComparisonOptions): T[] {
  const rank = ({ file }: T): number => {
    const place = lead.indexOf(file.configuration.name)
    return place < 0 ? lead.length : place
  }
  return cells.toSorted((a, b) => rank(a) - rank(b))
}

/** A plan says which gates decide, also where nobody has said so. */
function withGates(file: ConfigurationFile, asked: ComparisonOptions): ConfigurationFile {
  const gates = asked.gates ?? listGates(file.configuration)
  return gates.length === 0 ? file : { ...file, configuration: { ...file.configuration, gates: [...gates] } }
}

/** Of the rate; enough to see a stop of a second in, and too little to be in the workload's way. */
const controlShare = 0.05
const maxControlPerSecond = 20

/**
 * The scenario with what was asked for beside it; throws a usage Fault where it would do nothing, cannot be carried out, or takes what is not
 * there from the environment.
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

/** Without a number, as many connections as the rate would keep busy while the application works. */
function applyEngine(load: LoadPlan, { engine, connections, drivers }: ComparisonOptions): LoadPlan {
  if (engine === 'autocannon') {
    if (load.tls) throw new Fault('usage', 'Cannot use --engine autocannon with a scenario that asks for TLS')
    const busy = Math.max(1, Math.ceil((load.ratePerSecond * load.workMs) / 1000))
    if (connections !== undefined && connections < drivers) {
      throw new Fault('usage', `Cannot share ${connections} connections between ${drivers} drivers: each needs one`)
    }
    return { ...load, closedLoop: { engine, connections: connections ?? Math.max(drivers, busy) } }
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
  /** Objects of the base, the workload's among them. */
  objects: readonly object[]
}

/** Throws a usage Fault when there is no workload among the objects. */
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
