/** Measuring from a program: a cluster for several runs, and each run as a promise whose events can be iterated over. */
import { resolve, join } from 'node:path'
import { rm } from 'node:fs/promises'
import { makeTemporaryDirectory } from '../base/files/durable-file.ts'
import { Fault } from '../base/fault.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { acquireCluster } from '../cluster/clusters.ts'
import type { ClusterChoice } from '../cluster/clusters.ts'
import { getOwnPaths } from '../measure/own-paths.ts'
import { runComparison } from '../measure/run-comparison.ts'
import type { MeasureContext, RunComparisonOptions } from '../measure/run-comparison.ts'
import { parseGates } from '../model/gates/gate-notation.ts'
import type { Gates } from '../model/gates/gate-notation.ts'
import type { Scenario } from '../model/plan.ts'
import { listDisruptions } from '../model/steps/order.ts'
import { formatIssues } from '../plan/yaml-issues.ts'
import type { ScenarioDefinition } from '../plan/scenario/define-scenario.ts'
import { parseScenario } from '../plan/scenario-schema.ts'
import { EventChannel } from './event-channel.ts'
import type { LabEvent } from './event-channel.ts'
import { toRunResult } from './run-result.ts'
import type { RunResult } from './run-result.ts'

export interface LabOptions extends Pick<
  RunComparisonOptions,
  'context' | 'kubeconfig' | 'allowContext' | 'imageRegistry' | 'driverImage' | 'kindImage'
> {
  /** Default: kind where it is usable, else the embedded cluster. */
  cluster?: ClusterChoice
  /** The folder of the named scenarios; default: nodrop's own. */
  scenarios?: string
  /** The folder of `base/` and the configurations; default: nodrop's own. */
  manifests?: string
  /** Parent of each run's folder of event logs and reports; default: `nodrop-report/runs` in the current folder. */
  out?: string
  /** Ends the present run, and the start of the cluster. */
  signal?: AbortSignal
}

/** The same as the options of `nodrop run`: docs/scenarios.md and docs/own-workload.md. */
export interface LabRunOptions extends Partial<
  Pick<
    RunComparisonOptions,
    | 'rate'
    | 'replicas'
    | 'drivers'
    | 'via'
    | 'rounds'
    | 'repeats'
    | 'seed'
    | 'fullRecords'
    | 'connectionTracking'
    | 'target'
    | 'namespace'
    | 'path'
    | 'podHeader'
    | 'allowWrites'
  >
> {
  /** The measured configuration of the sample; required without a `target`. */
  configuration?: string
  /** The name of a scenario that is given as a definition; default: `scenario`. */
  name?: string
  gates?: Gates
  /** Ends the run properly: requests in flight finish, and the report is written. */
  signal?: AbortSignal
}

/** Settles when the run has been judged. Iterating over it returns its events from then on. */
export type LabRun = Promise<RunResult> & AsyncIterable<LabEvent>

export interface Lab extends AsyncDisposable {
  /**
   * Plays a scenario of the folder by its name, or a definition. One run at a time, because another would disturb its load. Rejects with a
   * Fault if it cannot be carried out, and with the signal's reason if it was ended early, but never because of a loss.
   */
  run(scenario: string | ScenarioDefinition, options?: LabRunOptions): LabRun
}

/** See `openLab`. */
export async function createLab(options: LabOptions): Promise<Lab> {
  const stateDir = makeTemporaryDirectory('nodrop-lab-')
  try {
    const { cluster: choice = options.context === undefined ? 'auto' : 'kubeconfig', signal } = options
    const held =
      choice === 'kubeconfig'
        ? null
        : await acquireCluster(choice, {
            paths: getOwnPaths(),
            stateDir,
            log: () => undefined,
            signal: signal ?? new AbortController().signal,
            ...(options.kindImage !== undefined && { kindImage: options.kindImage }),
          })
    return new OpenLab(options, { held, stateDir })
  } catch (error) {
    await rm(stateDir, { recursive: true, force: true })
    throw error
  }
}

/** `held` is `null` if a context names the cluster: each run then connects to it anew. */
interface HeldCluster {
  held: Cluster | null
  stateDir: string
}

class OpenLab implements Lab {
  readonly #options: LabOptions
  readonly #cluster: HeldCluster
  readonly #closing = new AbortController()
  #underWay: Promise<unknown> | null = null
  #closed: Promise<void> | null = null

  constructor(options: LabOptions, cluster: HeldCluster) {
    this.#options = options
    this.#cluster = cluster
  }

  run(scenario: string | ScenarioDefinition, options: LabRunOptions = {}): LabRun {
    const events = new EventChannel()
    const result = this.#play(scenario, options, events).finally(() => events.close())
    return Object.assign(result, { [Symbol.asyncIterator]: () => events.read(result) })
  }

  /** Disposes once, however often it is called. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  async #close(): Promise<void> {
    this.#closing.abort(new Fault('interrupted', 'the lab was closed'))
    await this.#underWay?.catch(() => undefined)
    try {
      await this.#cluster.held?.[Symbol.asyncDispose]()
    } finally {
      await rm(this.#cluster.stateDir, { recursive: true, force: true })
    }
  }

  async #play(scenario: string | ScenarioDefinition, options: LabRunOptions, events: EventChannel): Promise<RunResult> {
    if (this.#closing.signal.aborted) throw new Fault('usage', 'Cannot run anything in a lab that was closed')
    if (this.#underWay !== null) {
      throw new Fault(
        'usage',
        'Cannot run two scenarios in a lab at once: one would disturb the other',
        'Await the first.',
      )
    }
    // Later, so that the caller can iterate over the run first.
    const playing = Promise.resolve().then(() => this.#measure(scenario, options, events))
    this.#underWay = playing
    try {
      return await playing
    } finally {
      this.#underWay = null
    }
  }

  async #measure(
    scenario: string | ScenarioDefinition,
    options: LabRunOptions,
    events: EventChannel,
  ): Promise<RunResult> {
    const given = [this.#options.signal, options.signal].filter((one) => one !== undefined)
    const signal = AbortSignal.any([...given, this.#closing.signal])
    signal.throwIfAborted()
    const { directory, judged, failure } = await runComparison(this.#resolve(scenario, options), {
      paths: getOwnPaths(),
      progress: events,
      signal,
      ...this.#lend(),
    })
    if (failure !== undefined) throw failure
    signal.throwIfAborted()
    if (judged === null) throw new Fault('environment', `Cannot judge ${directory}: no run began`)
    return toRunResult(judged, directory)
  }

  /** Lends the cluster to a run, so that the run's disposal does not end it. */
  #lend(): Pick<MeasureContext, 'acquire'> {
    const { held } = this.#cluster
    if (held === null) return {}
    const lent: Cluster = { ...held, [Symbol.asyncDispose]: () => Promise.resolve() }
    return { acquire: () => Promise.resolve(lent) }
  }

  #resolve(scenario: string | ScenarioDefinition, options: LabRunOptions): RunComparisonOptions {
    const { configuration, name = 'scenario', gates, signal: _, ...run } = options
    const { scenarios, manifests, out, cluster, signal: __, ...lab } = this.#options
    const paths = getOwnPaths()
    const definitions = typeof scenario === 'string' ? [] : [parseDefinition(name, scenario)]
    if (run.target === undefined && configuration === undefined)
      throw new Fault('usage', 'Cannot run without a configuration', 'Name one, such as { configuration: "graceful" }.')
    return {
      engine: 'driver',
      drivers: 1,
      via: { kind: 'service' },
      rounds: 1,
      seed: 1,
      ...lab,
      ...run,
      cluster: this.#cluster.held?.kind ?? cluster ?? 'kubeconfig',
      scenario: [typeof scenario === 'string' ? scenario : name],
      definitions,
      ...(configuration !== undefined && { config: [configuration] }),
      ...(gates !== undefined && { gates: parseGates(gates) }),
      scenarios: resolve(scenarios ?? paths.scenarios),
      manifests: resolve(manifests ?? paths.manifests),
      out: out ?? join(paths.reports, 'runs'),
    }
  }
}

function parseDefinition(name: string, definition: ScenarioDefinition): Scenario {
  const parsed = parseScenario({ name, ...definition }, 'code')
  if (parsed.scenario) return rejectAppliedFiles(parsed.scenario)
  const issues = formatIssues({ findPlace: () => name }, parsed.error)
  throw new Fault('usage', `Cannot run ${name}, which is not a scenario:\n${issues}`)
}

/** They are looked for beside the file of a scenario, and this one has none. */
function rejectAppliedFiles(scenario: Scenario): Scenario {
  const applied = listDisruptions(scenario.steps).find(({ step }) => step.kind === 'apply' && step.read === undefined)
  if (applied?.step.kind !== 'apply') return scenario
  const advice = 'Put the scenario into a file of the folder scenarios, and the file beside it.'
  throw new Fault('usage', `Cannot run ${scenario.name}: it applies ${applied.step.file}, and is in no folder`, advice)
}
