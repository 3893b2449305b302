/** The sequence of a probe: one undisrupted configuration, and the same driver as in a run, at one rate after another. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject } from '@kubernetes/client-node'
import { startClock } from '../../base/clock.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { buildNamespaceName } from '../../cluster/context/namespace-labels.ts'
import { createDrivers, waitUntilDriversReady, createDriverTransport } from '../../run/deploy/drivers.ts'
import { findEntryPoint } from '../../run/deploy/entry-point.ts'
import { createNamespace, deleteNamespace, deployWorkload, waitUntilNamespaceReady } from '../../run/deploy/workload.ts'
import { createDirectory } from '../../base/files/durable-file.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { runAll } from '../../base/task-group.ts'
import { newCredential, startLoading } from '../../run/loading.ts'
import type { LoadingOptions } from '../../run/loading.ts'
import { openLog } from '../../log/writer.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord } from '../../model/record.ts'
import { computeStepFigures } from './step-figures.ts'
import { findKnee } from './knee.ts'
import type { Knee, Step, StepFigures } from './knee.ts'

export interface ProbeOptions {
  /** The plan for a run of this configuration; of its scenario only load and replicas count. */
  plan: RunPlan
  patch: Record<string, unknown>
  base: { workload: KubernetesObject[]; driver: KubernetesObject }
  driverCode: string
  api: KubeApi
  /** Gets a folder with an event log for each step. */
  directory: string
  startPerSecond: number
  onStep: (step: Step) => void
  signal: AbortSignal
}

/** A p99 of fewer samples has no upper bound at 95 % (299 of them: quantiles.ts). */
const minSamples = 300
const minStepMs = 3_000
const settleMs = 1_000
/** Far more than a search takes. */
const maxStepMs = 3_600_000
/** The driver's own limit for a rate. */
const limitPerSecond = 100_000

/** Throws a Fault `unknown` if no undisturbed p99 could be measured. */
export async function probeCapacity(options: ProbeOptions): Promise<Knee> {
  const { plan, patch, base, driverCode, api, signal, startPerSecond, onStep } = options
  const namespace = buildNamespaceName(plan.runId)
  await using teardown = new AsyncDisposableStack()
  const own = { api, name: namespace, expiresAt: new Date(Date.now() + maxStepMs), labels: {}, signal }
  const uid = await createNamespace(own)
  teardown.defer(() => deleteNamespace(api, namespace, uid))
  await waitUntilNamespaceReady(own)
  const credential = newCredential()
  const drivers = { api, namespace, manifest: base.driver, drivers: 1, code: driverCode, credential, signal }
  await createDrivers(drivers)
  const { name } = plan.configuration
  const { replicas } = plan.scenario
  const { runId: token, workload } = plan
  const [pods] = await runAll(signal, (signal) => [
    waitUntilDriversReady({ ...drivers, signal }),
    deployWorkload({
      api,
      namespace,
      workload,
      base: base.workload,
      patch,
      signal,
      token,
      configuration: name,
      replicas,
    }),
  ])
  const transports = pods.map((pod) => createDriverTransport(api, namespace, pod, credential))
  const entrance = await findEntryPoint({ api, namespace, workload, via: plan.via, mayBePublic: false, signal })
  let number = 0
  const measureRate = (rate: number): Promise<StepFigures> =>
    runStep({ ...options, transports, entrance, plan: createStepPlan(plan, rate, ++number) })
  try {
    return await findKnee({ startPerSecond, limitPerSecond, measure: measureRate, onStep })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Fault) throw error
    throw new Fault('unknown', `Cannot measure the capacity of ${name}: ${getErrorMessage(error)}`, '', {
      cause: error,
    })
  }
}

/** Every step has its own seed, so that its plan differs from others at the same rate. */
function createStepPlan(plan: RunPlan, ratePerSecond: number, number: number): RunPlan {
  const load = { ...plan.scenario.load, ratePerSecond, controlPerSecond: 0 }
  return { ...plan, seed: number, scenario: { ...plan.scenario, load } }
}

type StepOptions = ProbeOptions & Pick<LoadingOptions, 'transports' | 'entrance'>

async function runStep({ plan, transports, entrance, directory, signal }: StepOptions): Promise<StepFigures> {
  const { ratePerSecond } = plan.scenario.load
  const folder = join(directory, `${String(plan.seed).padStart(2, '0')}-${ratePerSecond}`)
  createDirectory(folder)
  const clock = startClock()
  const log = openLog(join(folder, 'events.jsonl'), clock)
  const appendRecords = (records: LogRecord[]): void => {
    log.writeMany(records)
    log.flush()
  }
  try {
    appendRecords([
      { type: 'begin', t: 0, schema: 1, runId: plan.runId, planDigest: null, wallClock: new Date().toISOString() },
    ])
    const load = await startLoading({ transports, clock, plan, entrance, control: null, write: appendRecords, signal })
    try {
      const lastsMs = settleMs + Math.max(minStepMs, (minSamples / ratePerSecond) * 1000)
      await sleep(lastsMs, undefined, { signal: AbortSignal.any([signal, load.failed, log.failed]) })
    } finally {
      await load.stop()
    }
  } finally {
    await log.close()
  }
  return computeStepFigures(folder, ratePerSecond, settleMs)
}
