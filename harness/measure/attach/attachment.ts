/** The options for a workload that runs already: which one, what disrupts it, and the requests during that. */
import { Fault } from '../../base/fault.ts'
import { quoteShellWord } from '../../base/shell-quote.ts'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import { listWriteMethods } from '../../model/load/requests.ts'
import type { LoadPlan, Scenario } from '../../model/plan.ts'
import { disruptOnce, listDisruptions } from '../../model/steps/order.ts'
import { listScenarios, selectByName } from '../../plan/catalogue.ts'
import { applyRequestOptions, requestOptionNames } from './asked-request.ts'
import type { RequestOptions } from './asked-request.ts'
import { readOutside } from './outside.ts'
import type { Outside, OutsideOptions } from './outside.ts'
import { parseTarget } from './target.ts'
import type { Target } from './target.ts'
import { rejectWrites } from './writes.ts'

export interface AttachOptions extends RequestOptions, OutsideOptions {
  /** `deployment/NAME`, `statefulset/NAME`, `daemonset/NAME` or `service/NAME`. */
  target?: string
  namespace?: string
  path?: string
  /** The header that names the pod in each answer. */
  podHeader?: string
  /** The user's own command as disruption: a program and its arguments. */
  command?: readonly string[]
  /** Limit in seconds for the command, and for the workload to come to rest after it. */
  limit?: number
  /** Allows requests that may write. */
  allowWrites?: boolean
  /** Only prints what would be done. */
  dryRun?: boolean
  /** The disruption comes from outside. */
  isWatched?: boolean
}

/** Other options of the command line that matter here. */
interface OtherOptions {
  cluster: string
  /** Their names; empty if none was given. */
  scenario: readonly string[]
  scenarios: string
  /** Scenarios that are in no file. */
  definitions?: readonly Scenario[]
  config?: string[]
  replicas?: number
  rate?: number
  engine: string
  drivers?: number
  via: { kind: string }
  /** True: read by a pod on the drivers' nodes. */
  connectionTracking?: boolean
  /** A context that is allowed although it may look like production. */
  allowContext?: string
}

export interface Attachment {
  target: Target
  /** The target of the load outside the cluster; `null`: the Service, from within the cluster. */
  url: Outside | null
  path: string | null
  podHeader: string | null
  /** Their replicas are those of the target, once it has been read. */
  scenarios: Scenario[]
  isDryRun: boolean
}

const optionsOfTargets = [
  'namespace',
  'path',
  'podHeader',
  'limit',
  'dryRun',
  'url',
  'cacert',
  'insecure',
  'allowWrites',
  ...requestOptionNames,
] as const
/** Maximum number of requests per second without an option that allows more. */
const mostPerSecond = 50
/** A driver ends its load after an hour. */
const maxLimitSeconds = 3000
const defaultLimitSeconds = 600

/** `null` without a target; throws a usage Fault for options that make no sense with one, or without one. */
export function readAttachment(options: AttachOptions & OtherOptions): Attachment | null {
  const { target, command = [], path, podHeader } = options
  if (target === undefined) {
    rejectGiven(options, optionsOfTargets, 'without a target like deployment/NAME')
    if (command.length === 0) return null
    throw new Fault(
      'usage',
      'Cannot run a command after -- without a target like deployment/NAME',
      'Put it before the --.',
    )
  }
  rejectGiven(options, ['config', 'replicas'], 'with a target: it is measured as it runs')
  rejectGiven(options, ['keep'], 'with a target: no cluster is started for it')
  if (options.cluster !== 'auto' && options.cluster !== 'kubeconfig') {
    throw new Fault('usage', `Cannot use --cluster ${options.cluster} with a target`, 'Name its cluster by --context.')
  }
  if (options.engine !== 'driver') throw new Fault('usage', `Cannot use --engine ${options.engine} with a target`)
  if (options.via.kind !== 'service')
    throw new Fault('usage', 'Cannot use --via with a target: the load goes to its Service')
  if (path !== undefined && !/^\/[!-~]{0,2000}$/.test(path)) {
    throw new Fault('usage', `Cannot use --path ${path}: must begin with / and have no spaces`)
  }
  if (podHeader !== undefined && !/^[\w!#$%&'*+.^`|~-]{1,200}$/.test(podHeader)) {
    throw new Fault('usage', `Cannot use --pod-header ${podHeader}: must be the name of a header field`)
  }
  const url = readOutside(options, options.allowContext !== undefined)
  if (url !== null) rejectOutside(url, options)
  return {
    target: parseTarget(target, options.namespace),
    url,
    path: path ?? url?.path ?? null,
    podHeader: podHeader?.toLowerCase() ?? null,
    scenarios: chooseScenarios(command, options).map((one) => {
      const asked = applyRequestOptions(one.load, `the scenario ${one.name}`, options)
      const whole = { ...one, load: chooseWrites(one.name, asked, options.allowWrites ?? false) }
      return url === null ? whole : withLoadFromOutside(whole, url)
    }),
    isDryRun: options.dryRun ?? false,
  }
}

function rejectGiven(options: object, names: readonly string[], why: string): void {
  const given = names.find((name) => (options as Record<string, unknown>)[name] !== undefined)
  if (given === undefined) return
  const option = given.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new Fault('usage', `Cannot use --${option} ${why}`)
}

function chooseScenarios(command: readonly string[], options: AttachOptions & OtherOptions): Scenario[] {
  const { scenario: names, rate, limit } = options
  if (limit !== undefined && limit > maxLimitSeconds)
    throw new Fault('usage', `Cannot wait ${limit} s for a disruption: --limit must be at most ${maxLimitSeconds}`)
  if (options.isWatched) return [buildWatchScenario((limit ?? defaultLimitSeconds) * 1000)]
  if (command.length > 0) {
    if (names.length > 0)
      throw new Fault('usage', 'Cannot use --scenario with a command after --: one of them disrupts')
    return [buildCommandScenario(command, (limit ?? defaultLimitSeconds) * 1000)]
  }
  if (names.length === 0) {
    const advice =
      'Give your own command after --, such as -- kubectl --context NAME rollout restart deployment/NAME -n NAMESPACE; or --scenario NAME.'
    throw new Fault('usage', 'Cannot tell what disrupts the target', advice)
  }
  const chosen = selectByName(listScenarios(options), ({ name }) => name, 'scenario', [...names])
  for (const { name, steps, load } of chosen) {
    for (const { step } of listDisruptions(steps)) rejectChanging(name, step)
    if (rate === undefined && load.ratePerSecond > mostPerSecond) {
      const advice = `Give --rate ${load.ratePerSecond} if the target may get that many requests, or a lower rate.`
      const message = `Cannot send ${load.ratePerSecond} requests/s to a target: above ${mostPerSecond} they need --rate`
      throw new Fault('usage', `${message} (scenario ${name})`, advice)
    }
  }
  const limited = limit === undefined ? {} : { limitMs: limit * 1000 }
  return chosen.map((one) => ({ ...one, ...limited }))
}

/** Not allowed for `--scenario`: the change would remain, or code would run that cannot be inspected. */
const stayingChanges: ReadonlySet<Disruption['kind']> = new Set(['apply', 'step', 'update'])

function rejectChanging(scenario: string, disruption: Disruption): void {
  if (disruption.kind === 'evict' && disruption.budget) {
    throw new Fault(
      'usage',
      `Cannot perform ${scenario} on a target: it would add a disruption budget to its namespace`,
    )
  }
  if (!stayingChanges.has(disruption.kind)) return
  const advice = 'Give your own command after -- instead, as in: -- kubectl --context NAME set image deployment/NAME ….'
  const message = `Cannot perform ${scenario} on a target: nodrop itself changes nothing that it cannot undo`
  throw new Fault('usage', message, advice)
}

const defaultLoad: Omit<LoadPlan, 'ratePerSecond'> = {
  shares: { fresh: 0.5, reused: 0.5, 'reused-post': 0 },
  workMs: 0,
  thinkMs: 500,
  timeoutMs: 5000,
}

function buildCommandScenario(argv: readonly string[], limitMs: number): Scenario {
  return {
    name: 'command',
    summary: `runs ${argv.map(quoteShellWord).join(' ')}`,
    replicas: 1,
    load: { ...defaultLoad, ratePerSecond: mostPerSecond },
    steps: disruptOnce({ kind: 'command', argv: [...argv] }, { beforeMs: 3000, afterMs: 3000 }),
    limitMs,
  }
}

/** One request every 50 ms: an outage of a second meets twenty of them, and no capacity planning notices the load. */
const watchedPerSecond = 20

function buildWatchScenario(limitMs: number): Scenario {
  return {
    name: 'watch',
    summary: 'observes what others do to the pods',
    replicas: 1,
    load: { ...defaultLoad, ratePerSecond: watchedPerSecond },
    steps: disruptOnce({ kind: 'observed', what: 'deletion' }, { beforeMs: 10_000, afterMs: 5_000 }),
    limitMs,
  }
}

/** Without permission nothing is written to a target in use: requests that a scenario sends by POST in its own lane are sent by GET. */
function chooseWrites(name: string, load: LoadPlan, allowed: boolean): LoadPlan {
  if (allowed) return load
  const { fresh, reused, 'reused-post': posted } = load.shares
  const asking = { ...load, shares: { fresh, reused: reused + posted, 'reused-post': 0 } }
  const requests = listWriteMethods(asking).map((method) => ({ method }))
  rejectWrites(requests, { allowed, scenario: name })
  return asking
}

function rejectOutside({ path }: Outside, options: AttachOptions & OtherOptions): void {
  if (path !== null && options.path !== undefined)
    throw new Fault('usage', `Cannot use --path ${options.path} with the path ${path} in --url: give one of them`)
  if ((options.drivers ?? 1) > 1)
    throw new Fault('usage', 'Cannot use --drivers with --url: one sends from this machine')
  const { connectionTracking } = options
  const asked = { ...options, connectionTracking: connectionTracking === true ? connectionTracking : undefined }
  const ofPods = ['driverImage', 'driverCpu', 'connectionTracking']
  rejectGiven(asked, ofPods, 'with --url: the load is sent from this machine')
  rejectGiven(options, ['tls', 'tlsServerName'], 'with --url: give https and --cacert or --insecure')
}

/** No pod that nothing disrupts is reachable from outside the cluster, so there is no lane to one. */
function withLoadFromOutside(scenario: Scenario, { tls }: Outside): Scenario {
  if (listDisruptions(scenario.steps).some(({ step }) => step.kind === 'drain')) {
    const advice =
      'Give your own command after -- instead, as in: -- kubectl --context NAME drain NODE --ignore-daemonsets.'
    throw new Fault(
      'usage',
      `Cannot perform ${scenario.name} with --url: a namespace of nodrop’s marks the node`,
      advice,
    )
  }
  const { tls: _, ...load } = scenario.load
  return { ...scenario, load: { ...load, ...(tls && { tls }), controlPerSecond: 0 } }
}
