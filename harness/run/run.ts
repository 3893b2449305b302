/** The sequence of one run: deploy, load, disrupt, wait until the last old container is gone, drain. Its only result is its log. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startClock } from '../base/clock.ts'
import type { Clock } from '../base/clock.ts'
import { buildNamespaceName } from '../cluster/context/namespace-labels.ts'
import { providers } from '../cluster/providers.ts'
import type { EntryPoint } from './deploy/entry-point.ts'
import { makeOwnNamespace } from './deploy/own-namespace.ts'
import type { DisruptionContext } from './disrupt/disrupt.ts'
import { performSteps, prepareSteps } from './disrupt/perform-steps.ts'
import type { StepsContext } from './disrupt/perform-steps.ts'
import { showFailedUndo } from './disrupt/undo.ts'
import { waitUntilTargetAtRest } from './disrupt/settle-target.ts'
import { createDirectory } from '../base/files/durable-file.ts'
import { Fault, getErrorMessage } from '../base/fault.ts'
import { newCredential } from './loading.ts'
import type { DriverCredential, Loading } from './loading.ts'
import { startDrivers } from './start-drivers.ts'
import { writePlan } from '../log/plan-file.ts'
import { openLog } from '../log/writer.ts'
import type { Deployed } from '../model/deployed.ts'
import { defaultFullRecords } from '../model/plan.ts'
import type { RunPlan } from '../model/plan.ts'
import type { LogRecord } from '../model/record.ts'
import type { Step } from '../model/step.ts'
import { computeUndisturbed } from '../model/steps/order.ts'
import type { RunOptions } from './run-options.ts'
import { startLoad } from './start-load.ts'
import { trackLoad } from './tracking/track-load.ts'
import { observeNamespace } from './observe/observe.ts'
import type { Observer } from './observe/observe.ts'

/**
 * Resolves when the log is closed, also after an interruption or a failure that is in the log (verdict `unknown`). Throws a Fault when the
 * log cannot be written or the options are invalid.
 */
export async function executeRun(options: RunOptions): Promise<void> {
  const { plan, runDir, onRecord } = options
  createDirectory(runDir)
  const planDigest = writePlan(runDir, plan)
  const clock = startClock()
  const { drivers, fullRecords = defaultFullRecords } = plan
  const log = openLog(join(runDir, 'events.jsonl'), clock, { drivers, fullRecords })
  const writeRecords = (...records: LogRecord[]): void => {
    log.writeMany(records)
    for (const record of records) onRecord(record)
  }
  const writeStep: RunContext['step'] = (name, detail = null, number) =>
    writeRecords({ type: 'step', t: clock.now(), step: name, detail, ...(number !== undefined && { number }) })
  const signal = AbortSignal.any([options.signal, log.failed])
  const onAbort = (): void => {
    if (!log.failed.aborted) writeStep(...toFinalStep(signal.reason))
  }
  signal.addEventListener('abort', onAbort)
  writeRecords({ type: 'begin', t: 0, schema: 1, runId: plan.runId, planDigest, wallClock: new Date().toISOString() })
  if (signal.aborted) onAbort()
  try {
    signal.throwIfAborted()
    await executePhases({
      ...options,
      signal,
      clock,
      write: writeRecords,
      flush: () => log.flush(),
      step: writeStep,
      credential: newCredential(),
    })
  } catch (error) {
    log.failed.throwIfAborted()
    if (!signal.aborted) writeStep(...toFinalStep(error))
    if (error instanceof Fault && error.kind === 'usage') throw error
  } finally {
    // A signal that interrupts a later run of the comparison does not concern this one, whose log is closed.
    signal.removeEventListener('abort', onAbort)
    if (!log.failed.aborted) writeStep('end')
    await log.close()
  }
}

/** Limit of the wait for undisturbed traffic, as a multiple of its required duration. */
const longestQuiet = 3

/** The last step of a run that failed or was interrupted. For a wait that a signal aborted the cause says why. */
function toFinalStep(error: unknown): [Step, string | null] {
  // The first error counts; undoing then failed too.
  if (error instanceof SuppressedError) return toFinalStep(error.suppressed)
  if (error instanceof Fault && error.kind === 'interrupted') return ['interrupted', null]
  const aborted = error instanceof Error && error.name === 'AbortError' && error.cause !== undefined
  return ['failed', getErrorMessage(aborted ? error.cause : error)]
}

interface RunContext extends RunOptions {
  clock: Clock
  write: (...records: LogRecord[]) => void
  /** When it returns, all written records are in the file. */
  flush: () => void
  step: (name: Step, detail?: string | null, number?: number) => void
  credential: DriverCredential
}

async function executePhases(run: RunContext): Promise<void> {
  const { plan, api, clock, write, step, signal } = run
  const { scenario } = plan
  const namespace = buildNamespaceName(plan.runId)
  await using teardown = new AsyncDisposableStack()

  step('deploy-begin')
  // A load from outside needs nothing in the cluster.
  const own = { ...run, name: namespace, expiresAt: computeExpiry(plan) }
  if (plan.via.kind !== 'url') await makeOwnNamespace(own, teardown)
  const observed = plan.workload.namespace ?? namespace
  const observer = await startObserving(run, observed, teardown)
  const context: DisruptionContext = {
    api,
    namespace: observed,
    ownNamespace: namespace,
    workload: plan.workload,
    ...(run.recordScaled && { recordScaled: run.recordScaled }),
    signal,
    limitMs: scenario.limitMs,
    onEviction: (answer) => write({ type: 'eviction', t: clock.now(), ...answer }),
  }
  const { drivers, transports, objects, images } = await startDrivers({ ...run, namespace }, teardown)
  if (plan.workload.namespace !== undefined) await waitUntilTargetAtRest({ ...context, pods: observer.pods })
  await prepareSteps(scenario.steps, context)
  keepDeployed(run, { objects, images, source: run.source })
  step('deploy-ready')

  const onEntrance = (entrance: EntryPoint): Promise<void> =>
    trackLoad({ ...run, ...entrance, drivers, namespace, most: getMostKept(plan) }, teardown)
  const load = await startLoad({ ...run, names: observer.names, onEntrance }, namespace, transports)
  teardown.defer(() => load.stop())
  const loaded = { ...run, signal: AbortSignal.any([signal, load.failed]) }
  step('load-begin')
  const show = run.onOutput ?? (() => undefined)
  await performSteps({
    ...context,
    signal: loaded.signal,
    steps: scenario.steps,
    replicas: scenario.replicas,
    pods: observer.pods,
    output: { path: join(run.runDir, 'command.log'), show },
    ...describeCluster(run, namespace),
    defer: (undo) => teardown.defer(showFailedUndo(undo, show)),
    writeStep: step,
    waitUntilQuiet: (ms) => waitUntilTrafficQuiet(loaded, load, ms),
  })
  step('load-stop')
  await load.stop()
  step('load-end')
}

/** For commands of a scenario: without it kubectl would use the current context. A command for a target names its cluster itself. */
function describeCluster({ plan, kubeconfig }: RunContext, namespace: string): Pick<StepsContext, 'commandEnv'> {
  if (plan.workload.namespace !== undefined || kubeconfig === undefined) return {}
  return { commandEnv: { KUBECONFIG: kubeconfig, NODROP_NAMESPACE: namespace } }
}

/** The file comes before the record: until the run has ended, the two are not compared. */
function keepDeployed({ plan, runDir, clock, write }: RunContext, deployed: Deployed): void {
  write({ type: 'deployed', t: clock.now(), planDigest: writePlan(runDir, { ...plan, deployed }) })
}

/** A run ends long before: the half hour is for the deployment and for clocks that differ. */
function computeExpiry({ scenario: { steps, limitMs } }: RunPlan): Date {
  const { beforeMs, afterMs } = computeUndisturbed(steps)
  const longestMs = beforeMs + limitMs + longestQuiet * afterMs
  return new Date(Date.now() + longestMs + 1_800_000)
}

/** The number of requests that the log keeps as single records. */
function getMostKept({ fullRecords = defaultFullRecords }: RunPlan): number {
  return fullRecords
}

async function startObserving(run: RunContext, namespace: string, teardown: AsyncDisposableStack): Promise<Observer> {
  const { api, clock, write, plan } = run
  const stop = new AbortController()
  const observer = await observeNamespace({
    api,
    namespace,
    workload: plan.workload,
    runToken: plan.runId,
    // One line of a proxy and one of an application for each request that is kept, and some that are logged more often.
    mostServed: 3 * getMostKept(plan),
    clock,
    exactEvents: providers[plan.cluster].facts.tellsExactEvents,
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

/** Resolves after traffic without a loss for this long; gives up on a workload that keeps losing requests. */
async function waitUntilTrafficQuiet({ clock, signal }: RunContext, load: Loading, afterMs: number): Promise<void> {
  const from = clock.now()
  const limitUs = from + longestQuiet * afterMs * 1000
  for (;;) {
    const until = Math.min(Math.max(from, load.lastLossUs) + afterMs * 1000, limitUs)
    const leftMs = (until - clock.now()) / 1000
    if (leftMs <= 0) return
    await sleep(leftMs, undefined, { signal })
  }
}
