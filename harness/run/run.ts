/** The story of one run: deploy, load, disrupt, wait until the last old container is gone, drain. All it leaves is its log. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject } from '@kubernetes/client-node'
import { startClock } from '../base/clock.ts'
import type { Clock } from '../base/clock.ts'
import type { KubeApi } from '../cluster/api.ts'
import { controlName, deployControl } from './deploy/control-pod.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { namespaceFor } from '../cluster/context/namespace-labels.ts'
import type { NodeClock } from '../cluster/node-clock.ts'
import { createDrivers, driversReady, driverTransport } from './deploy/drivers.ts'
import type { DriverPod } from './deploy/drivers.ts'
import { addressOf, entranceOf, opened } from './deploy/entry-point.ts'
import { together } from '../base/task-group.ts'
import { until } from './deploy/polling.ts'
import { createNamespace, deleteNamespace, deployWorkload, namespaceReady } from './deploy/workload.ts'
import { disrupt, prepareDisruption } from './disrupt/disrupt.ts'
import type { Disrupting } from './disrupt/disrupt.ts'
import { makeDirectory } from '../base/durable-file.ts'
import { Fault, messageOf } from '../base/fault.ts'
import { newCredential, startLoading } from './loading.ts'
import type { DriverCredential, Loading } from './loading.ts'
import { writePlan } from '../log/plan-file.ts'
import { openLog } from '../log/writer.ts'
import { defaultFullRecords } from '../model/plan.ts'
import type { RunPlan } from '../model/plan.ts'
import type { LogRecord, PodSeen } from '../model/record.ts'
import type { Step } from '../model/step.ts'
import { hasControl } from '../model/schedule.ts'
import { observe } from './observe/observe.ts'
import type { Observer } from './observe/observe.ts'

export interface RunOptions {
  plan: RunPlan
  /** Strategic merge patch of the Deployment: the configuration. */
  patch: Record<string, unknown>
  /** Objects of the base: the workload's, those of the pod that nothing disrupts, and the drivers' Job. */
  base: { workload: KubernetesObject[]; control: KubernetesObject[]; driver: KubernetesObject }
  driverCode: string
  /** Whether the load may go to an address that everybody can reach; default: no. */
  mayBePublic?: boolean
  api: KubeApi
  /** `null` where nobody can tell. */
  nodeClock: NodeClock | null
  /** Of the cluster, where it has one. */
  intend?: Cluster['intend']
  runDir: string
  /** Called with every record after it is in the log. */
  onRecord: (record: LogRecord) => void
  /** Interrupts: the load stops, requests in flight finish, the log is closed. */
  signal: AbortSignal
}

/**
 * Resolves when the log is closed, also after an interruption or when the run went wrong in a way that its log tells
 * (verdict `unknown`). Throws a Fault when the log cannot be written or what was asked for is invalid.
 */
export async function run(options: RunOptions): Promise<void> {
  const { plan, runDir, onRecord } = options
  makeDirectory(runDir)
  const planDigest = writePlan(runDir, plan)
  const clock = startClock()
  const { drivers, fullRecords = defaultFullRecords } = plan
  const log = openLog(join(runDir, 'events.jsonl'), clock, { drivers, fullRecords })
  const write = (...records: LogRecord[]): void => {
    log.writeMany(records)
    for (const record of records) onRecord(record)
  }
  const step = (name: Step, detail: string | null = null): void =>
    write({ type: 'step', t: clock.now(), step: name, detail })
  const signal = AbortSignal.any([options.signal, log.failed])
  const onAbort = (): void => {
    if (!log.failed.aborted) step(...endOf(signal.reason))
  }
  signal.addEventListener('abort', onAbort)
  write({ type: 'begin', t: 0, schema: 1, runId: plan.runId, planDigest, wallClock: new Date().toISOString() })
  try {
    await perform({ ...options, signal, clock, write, flush: () => log.flush(), step, credential: newCredential() })
  } catch (error) {
    log.failed.throwIfAborted()
    if (!signal.aborted) step(...endOf(error))
    if (error instanceof Fault && error.kind === 'usage') throw error
  } finally {
    // What interrupts a later run of the comparison is no longer this one's business, whose log is closed.
    signal.removeEventListener('abort', onAbort)
    if (!log.failed.aborted) step('end')
    await log.close()
  }
}

/** Undisturbed traffic is waited for so many times as long as it must last, at most. */
const longestQuiet = 3

/** How a run that did not come to its end tells so. What was waited for when a signal aborted is the cause's business. */
function endOf(error: unknown): [Step, string | null] {
  // What went wrong first is what is to be told; undoing it then failed too.
  if (error instanceof SuppressedError) return endOf(error.suppressed)
  if (error instanceof Fault && error.kind === 'interrupted') return ['interrupted', null]
  const aborted = error instanceof Error && error.name === 'AbortError' && error.cause !== undefined
  return ['failed', messageOf(aborted ? error.cause : error)]
}

interface Performance extends RunOptions {
  clock: Clock
  write: (...records: LogRecord[]) => void
  /** When it returns, what was written is in the file. */
  flush: () => void
  step: (name: Step, detail?: string | null) => void
  credential: DriverCredential
}

async function perform(run: Performance): Promise<void> {
  const { plan, api, clock, write, step, signal } = run
  const { scenario } = plan
  const namespace = namespaceFor(plan.runId)
  await using teardown = new AsyncDisposableStack()

  step('deploy-begin')
  const labels = run.intend?.(namespace) ?? {}
  const own = { api, name: namespace, expiresAt: expiryOf(plan), labels, signal }
  const uid = await createNamespace(own)
  teardown.defer(() => deleteNamespace(api, namespace, uid))
  await namespaceReady(own)
  const observer = await observing(run, namespace, teardown)
  const context: Disrupting = {
    api,
    namespace,
    signal,
    limitMs: scenario.phases.limitMs,
    onEviction: (answer) => write({ type: 'eviction', t: clock.now(), ...answer }),
  }
  const pods = await deploy(run, namespace)
  await prepareDisruption(scenario.disruption, context)
  step('deploy-ready')

  const load = await loading(run, namespace, pods)
  teardown.defer(() => load.stop())
  const loaded = { ...run, signal: AbortSignal.any([signal, load.failed]) }
  step('load-begin')
  await sleep(scenario.phases.beforeMs, undefined, { signal: loaded.signal })

  const old = new Set(observer.pods.keys())
  step('disrupt-begin', scenario.disruption.kind)
  await disrupt(scenario.disruption, { ...context, signal: loaded.signal })
  step('disrupt-end')
  await oldPodsGone(loaded, observer, old)
  step('old-pods-gone')

  await quiet(loaded, load)
  step('load-stop')
  await load.stop()
  step('load-end')
}

/** A run has ended long before: half an hour is for the deployment, and for clocks that disagree. */
function expiryOf({ scenario: { phases } }: RunPlan): Date {
  const longestMs = phases.beforeMs + phases.limitMs + longestQuiet * phases.afterMs
  return new Date(Date.now() + longestMs + 1_800_000)
}

async function observing(run: Performance, namespace: string, teardown: AsyncDisposableStack): Promise<Observer> {
  const { api, clock, write, plan } = run
  const stop = new AbortController()
  const observer = await observe({
    api,
    namespace,
    runToken: plan.runId,
    // A proxy's and an application's for each request that the log keeps by itself, and some that are seen more often.
    mostServed: 3 * (plan.fullRecords ?? defaultFullRecords),
    clock,
    exactEvents: plan.cluster === 'local',
    nodeClock: run.nodeClock,
    write,
    signal: stop.signal,
  })
  teardown.defer(async () => {
    stop.abort()
    await observer.done
  })
  return observer
}

/** Gives the drivers' pods. */
async function deploy(run: Performance, namespace: string): Promise<DriverPod[]> {
  const { api, plan, base, patch, driverCode: code, credential, signal } = run
  const drivers = { api, namespace, manifest: base.driver, drivers: plan.drivers, code, credential, signal }
  const workload = { api, namespace, base: opened(base.workload, plan.via), patch, signal, token: plan.runId }
  const { replicas } = plan.scenario
  await createDrivers(drivers)
  const control = {
    api,
    namespace,
    objects: plan.via.kind === 'nodeport' ? opened(base.control, plan.via) : base.control,
    token: controlToken(plan),
    signal,
  }
  const [pods] = await together(signal, (signal) => [
    driversReady({ ...drivers, signal }),
    hasControl(plan.scenario.load) && deployControl({ ...control, signal }),
    deployWorkload({ ...workload, signal, replicas, configuration: plan.configuration.name }),
  ])
  return pods
}

function controlToken({ runId }: RunPlan): string {
  return `${runId}.control`
}

async function loading(run: Performance, namespace: string, pods: DriverPod[]): Promise<Loading> {
  const { api, clock, plan, write, flush, credential } = run
  const way = { api, namespace, via: plan.via, mayBePublic: run.mayBePublic ?? false, signal: run.signal }
  const entrance = await entranceOf(way)
  const control = hasControl(plan.scenario.load)
    ? { target: await addressOf(way, controlName), workload: controlToken(plan) }
    : null
  const record = (records: LogRecord[]): void => {
    write(...records)
    flush()
  }
  const transports = pods.map((pod) => driverTransport(api, namespace, pod, credential))
  return startLoading({ transports, clock, plan, entrance, control, write: record, signal: run.signal })
}

/** Law 5: not at the end of `rollout status` but when the last old pod has left the API and the others are ready. */
async function oldPodsGone({ plan, signal }: Performance, observer: Observer, old: Set<string>): Promise<void> {
  const { disruption, replicas, phases } = plan.scenario
  const wanted = disruption.kind === 'scale' ? disruption.to : replicas
  const stays = (pod: PodSeen): boolean =>
    !pod.terminating && pod.ready && (disruption.kind === 'scale' || !old.has(pod.name))
  await until('the old pods to be gone', phases.limitMs, signal, () => {
    const pods = [...observer.pods.values()]
    if (pods.length === wanted && pods.every(stays)) return null
    const left = pods.filter((pod) => !stays(pod)).map(({ name }) => name)
    return `still there: ${left.join(', ') || `${pods.length} of ${wanted} pods`}`
  })
}

/** Undisturbed traffic until it has been without a loss for the whole phase; a workload that goes on losing is cut off. */
async function quiet({ plan, clock, signal }: Performance, load: Loading): Promise<void> {
  const { afterMs } = plan.scenario.phases
  const from = clock.now()
  const limitUs = from + longestQuiet * afterMs * 1000
  for (;;) {
    const until = Math.min(Math.max(from, load.lastLossUs) + afterMs * 1000, limitUs)
    const leftMs = (until - clock.now()) / 1000
    if (leftMs <= 0) return
    await sleep(leftMs, undefined, { signal })
  }
}
