/** Deploys everything that a run needs in its namespace: the drivers, the pod that nothing disrupts, and the workload. */
import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { runAll } from '../../base/task-group.ts'
import type { KubeApi } from '../../cluster/api.ts'
import type { DriverCredential } from '../../load/service/credential.ts'
import type { Deployed } from '../../model/deployed.ts'
import type { RunPlan } from '../../model/plan.ts'
import { hasControlLane } from '../../model/load/schedule.ts'
import { formatLabelSelector } from '../../model/workload.ts'
import type { Workload } from '../../model/workload.ts'
import { deployControlPod } from './control-pod.ts'
import { listImages, toDeployedObject } from './deployed-objects.ts'
import { createDrivers, waitUntilDriversReady } from './drivers.ts'
import type { DriverPod } from './drivers.ts'
import { exposeServices } from './entry-point.ts'
import { callApi, deployWorkload, listWorkloadPods } from './workload.ts'

export interface DeployOptions {
  api: KubeApi
  namespace: string
  plan: RunPlan
  base: { workload: KubernetesObject[]; control: KubernetesObject[]; driver: KubernetesObject }
  /** Strategic merge patch of the Deployment: the configuration. */
  patch: Record<string, unknown>
  driverCode: string
  credential: DriverCredential
  signal: AbortSignal
}

export interface Deployment extends Pick<Deployed, 'objects' | 'images'> {
  drivers: DriverPod[]
}

/** Resolves when all pods are ready. */
export async function deployAll(options: DeployOptions): Promise<Deployment> {
  const { api, namespace, plan, base, patch, driverCode: code, credential, signal } = options
  const drivers = { api, namespace, manifest: base.driver, drivers: plan.drivers, code, credential, signal }
  const objects = exposeServices(base.workload, plan.via, plan.workload)
  const workload = { api, namespace, workload: plan.workload, base: objects, patch, signal, token: plan.runId }
  const { replicas } = plan.scenario
  const ofDrivers = await createDrivers(drivers)
  const control = {
    api,
    namespace,
    objects: plan.via.kind === 'nodeport' ? exposeServices(base.control, plan.via, plan.workload) : base.control,
    token: buildControlToken(plan),
    signal,
  }
  const [pods, ofControl, ofWorkload] = await runAll(signal, (signal) => [
    waitUntilDriversReady({ ...drivers, signal }),
    hasControlLane(plan.scenario.load) ? deployControlPod({ ...control, signal }) : [],
    plan.workload.namespace === undefined
      ? deployWorkload({ ...workload, signal, replicas, configuration: plan.configuration.name })
      : base.workload,
  ])
  const ownValues = new Set([plan.runId, buildControlToken(plan), credential.sha256])
  const isForeign = plan.workload.namespace !== undefined
  const running = await callApi("list the workload's pods", () => listRunningPods(workload))
  return {
    drivers: pods,
    objects: [
      ...ofWorkload.map((object) => toDeployedObject(object, ownValues, { digestsCommands: isForeign })),
      ...[...ofControl, ...ofDrivers].map((object) => toDeployedObject(object, ownValues)),
    ],
    images: listImages(running),
  }
}

/** For a workload that ran already, where nothing is deployed beside it. */
export async function describeTarget({
  api,
  plan,
  base,
}: Pick<DeployOptions, 'api' | 'plan' | 'base'>): Promise<Pick<Deployment, 'objects' | 'images'>> {
  const { workload, runId } = plan
  const about = { api, namespace: workload.namespace ?? '', workload, token: runId }
  const running = await callApi("list the workload's pods", () => listRunningPods(about))
  const objects = base.workload.map((object) => toDeployedObject(object, new Set(), { digestsCommands: true }))
  return { objects, images: listImages(running) }
}

/** The pods that were deployed; for a workload that ran already, all that it selects. */
async function listRunningPods(
  options: Parameters<typeof listWorkloadPods>[0] & { workload: Workload },
): Promise<V1Pod[]> {
  const { api, workload } = options
  if (workload.namespace === undefined) return listWorkloadPods(options)
  const labelSelector = formatLabelSelector(workload.selector)
  const { items } = await api.core.listNamespacedPod({ namespace: workload.namespace, labelSelector })
  return items
}

/** The token with which the control pod answers, in place of the run's id. */
export function buildControlToken({ runId }: Pick<RunPlan, 'runId'>): string {
  return `${runId}.control`
}
