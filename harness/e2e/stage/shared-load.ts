/** A run whose load several drivers share, on any cluster, with an optional action during it; the records, and the analysis. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeSource, readConfigurations, readScenarios } from '../../plan/catalogue.ts'
import { connectApi } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { buildNamespaceName } from '../../cluster/context/namespace-labels.ts'
import { createRunPlan } from '../../measure/plan-runs.ts'
import { describeEnvironment } from '../../measure/prepare-machine.ts'
import { readBaseManifests } from '../../measure/objects/base-manifests.ts'
import { judgeDirectory } from '../../judge/judge-directory.ts'
import { bundleDriver } from '../../load/service/bundle.ts'
import type { Via } from '../../model/plan.ts'
import { disruptOnce } from '../../model/steps/order.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { executeRun } from '../../run/run.ts'

export interface SharedLoadOptions {
  cluster: Pick<Cluster, 'kubeconfig' | 'kind'>
  drivers: number
  /** Default: the Service. */
  via?: Via
  manifests: string
  scenarios: string
  /** Undisturbed load before and after. */
  phases: { beforeMs: number; afterMs: number }
  /** Called once, when the load has begun. */
  onLoad?: (api: KubeApi, namespace: string) => Promise<void>
}

export interface SharedLoad {
  records: LogRecord[]
  requests: RequestRecord[]
  analysis: Analysis
}

/** A rolling restart of the configuration that loses nothing. */
export async function runSharedLoad(options: SharedLoadOptions): Promise<SharedLoad> {
  const { cluster, drivers, via = { kind: 'service' }, manifests, scenarios, phases, onLoad } = options
  const out = mkdtempSync(join(tmpdir(), 'nodrop-shared-'))
  const api = connectApi(cluster.kubeconfig)
  try {
    const scenario = readScenarios(scenarios).find(({ name }) => name === 'rollout')
    const file = readConfigurations(manifests).find(({ configuration }) => configuration.name === 'graceful')
    if (!scenario || !file) throw new Error('There is no rollout × graceful')
    const whole = { ...scenario, steps: disruptOnce({ kind: 'rollout-restart' }, phases) }
    const id = `shared-${process.pid}-${Math.round(performance.now())}`
    const one = { scenario: whole, file, drivers, via, round: 1, seed: 1 }
    const environment = describeEnvironment({ kubernetes: (await api.version.getCode()).gitVersion })
    const base = readBaseManifests(manifests)
    const comparison = { id, directory: out }
    const plan = createRunPlan(one, { comparison, cluster: cluster.kind, environment, objects: base.workload })
    const records: LogRecord[] = []
    let doing: Promise<void> | undefined
    await executeRun({
      nodeClock: { aheadUs: 0, errorUs: 0 },
      plan,
      patch: file.patch,
      source: describeSource(file),
      base,
      driverCode: await bundleDriver(),
      api,
      runDir: out,
      signal: new AbortController().signal,
      onRecord: (record) => {
        records.push(record)
        if (record.type === 'step' && record.step === 'load-begin')
          doing = onLoad?.(api, buildNamespaceName(plan.runId))
      },
    })
    await doing
    const requests = records.flatMap((record) => (record.type === 'request' ? record.request : []))
    return { records, requests, analysis: (await judgeDirectory(out)).runs[0]!.analysis }
  } finally {
    api.close()
    rmSync(out, { recursive: true })
  }
}

/** Whether the requests are places 0, 1, 2 … of the plan, each once and from the driver whose place it is. */
export function isComplete(requests: readonly RequestRecord[], drivers: number): boolean {
  const bySeq = requests.toSorted((a, b) => a.seq - b.seq)
  return requests.length > 0 && bySeq.every(({ seq, driver }, place) => seq === place && driver === seq % drivers)
}

/** Removes the pod of the driver with this index by force. Resolves with the pod's name. */
export async function killDriver(api: KubeApi, namespace: string, index: number): Promise<string> {
  const labelSelector = `app=driver,batch.kubernetes.io/job-completion-index=${index}`
  const { items } = await api.core.listNamespacedPod({ namespace, labelSelector })
  const name = items[0]?.metadata?.name ?? ''
  await api.core.deleteNamespacedPod({ name, namespace, body: { gracePeriodSeconds: 0 } })
  return name
}
