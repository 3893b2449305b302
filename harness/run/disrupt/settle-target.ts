/** Whether a disrupted workload is at rest, by its controller and its pods (law 5: later than `kubectl rollout status` says). */
import type { V1Pod } from '@kubernetes/client-node'
import { waitUntil } from '../../base/polling.ts'
import type { PodSnapshot } from '../../model/record.ts'
import { formatLabelSelector } from '../../model/workload.ts'
import type { Workload, WorkloadKind } from '../../model/workload.ts'
import { isPodReady } from '../deploy/pod-start.ts'
import { callApi, tellFault } from '../deploy/workload.ts'
import { readWorkload } from '../deploy/workload-api.ts'
import type { Controller, WorkloadReference } from '../deploy/workload-api.ts'
import { hasFinished, listOldPods } from './settle.ts'

export interface TargetRestOptions extends WorkloadReference {
  workload: Workload
  /** The pods that the watch shows now. */
  pods: ReadonlyMap<string, PodSnapshot>
  limitMs: number
  signal: AbortSignal
}

export interface TargetSettleOptions extends TargetRestOptions {
  /** Its pods before a step whose effect may come later from outside; empty where all that was requested has been accepted. */
  old: readonly { name: string }[]
}

/** A command may only have started another program: wait this long for the first pod to come or leave. */
const moveLimitMs = 10_000

/** Resolves when it is at rest: what an earlier run scaled back or a command left unfinished must not count as this run's. */
export async function waitUntilTargetAtRest(options: TargetRestOptions): Promise<void> {
  const { workload, limitMs, signal } = options
  const what = `${workload.kind} ${workload.name} to come to rest`
  await waitUntil(what, { limitMs, signal }, () => explainUnsettledTarget(options))
}

/** Resolves when it is at rest again; also when after some seconds no pod has come or left, which is left to the judge. */
export async function waitUntilTargetSettled(options: TargetSettleOptions): Promise<void> {
  const { workload, old, pods, limitMs, signal } = options
  const moveDeadline = performance.now() + moveLimitMs
  await waitUntil(`${workload.kind} ${workload.name} to come to rest`, { limitMs, signal }, async () => {
    const unsettled = await explainUnsettledTarget(options)
    if (unsettled !== null) return unsettled
    const isMoved = old.some((pod) => !pods.has(pod.name)) || listOldPods(pods).length > old.length
    return isMoved || performance.now() > moveDeadline ? null : 'none of its pods has come or left'
  })
}

/** Why it is not at rest; `null` when it is. */
export async function explainUnsettledTarget(options: TargetRestOptions): Promise<string | null> {
  return tellFault(options.signal, () => explainUnsettled(options))
}

async function explainUnsettled(options: TargetRestOptions): Promise<string | null> {
  const { api, namespace, workload, pods } = options
  const { kind, name } = workload
  const labelSelector = formatLabelSelector(workload.selector)
  // The pods that a Service selects have no controller, or several.
  const controlled = kind === 'Service' ? null : await callApi(`read ${kind} ${name}`, () => readWorkload(options))
  const { items } = await callApi(`list the pods of ${name}`, () =>
    api.core.listNamespacedPod({ namespace, labelSelector }),
  )
  const wanted = controlled ? countReplicas(kind, controlled) : undefined
  const unsettled = (controlled && explainUnsettledController(kind, controlled)) ?? explainUnsettledPods(items, wanted)
  if (unsettled !== null) return unsettled
  const seen = new Set([...pods.values()].map(({ uid }) => uid))
  const isSeen = items.length === pods.size && items.every(({ metadata }) => seen.has(metadata?.uid ?? ''))
  return isSeen ? null : 'the watch has not seen its latest pods'
}

/** By the rules of `kubectl rollout status` for the kind of the controller. */
export function explainUnsettledController(kind: WorkloadKind, controller: Controller): string | null {
  const { metadata, status = {} } = controller
  const { observedGeneration = 0 } = status
  if (observedGeneration < (metadata?.generation ?? 0)) return 'its controller has not seen its latest change'
  if (kind === 'DaemonSet') return explainUnsettledDaemonSet(controller)
  const wanted = countReplicas(kind, controller)
  const updated = kind === 'StatefulSet' ? explainOutdatedStatefulSet(controller) : explainOutdated(controller, wanted)
  if (updated !== null) return updated
  const { replicas = 0, availableReplicas = 0 } = status
  if (replicas !== wanted) return `${replicas} pods, of ${wanted}`
  return availableReplicas < wanted ? `${availableReplicas} of ${wanted} pods are available` : null
}

/** The number of pods that the controller is to have. */
export function countReplicas(kind: WorkloadKind, { spec, status }: Controller): number {
  return kind === 'DaemonSet' ? (status?.desiredNumberScheduled ?? 0) : (spec?.replicas ?? 1)
}

function explainOutdated({ status }: Controller, wanted: number): string | null {
  const { updatedReplicas = 0 } = status ?? {}
  return updatedReplicas < wanted ? `${updatedReplicas} of ${wanted} pods are of the new template` : null
}

/** Pods below its partition keep their template; with OnDelete all do, until they are deleted by hand. */
function explainOutdatedStatefulSet(controller: Controller): string | null {
  const { spec, status = {} } = controller
  if (spec?.updateStrategy?.type === 'OnDelete') return null
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0
  // The controller counts updated pods only during an update; afterwards both revisions are equal.
  if (status.currentRevision === status.updateRevision) return null
  const wanted = Math.max(0, (spec?.replicas ?? 1) - partition)
  const outdated = explainOutdated(controller, wanted)
  if (outdated !== null || partition > 0) return outdated
  return `its revision ${status.updateRevision} is not the current one yet`
}

function explainUnsettledDaemonSet({ spec, status = {} }: Controller): string | null {
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled: updated = 0, numberAvailable = 0 } = status
  if (spec?.updateStrategy?.type !== 'OnDelete' && updated < wanted) {
    return `${updated} of ${wanted} pods are of the new template`
  }
  return numberAvailable < wanted ? `${numberAvailable} of ${wanted} pods are available` : null
}

/**
 * Pods that are being deleted keep the workload from being settled; finished ones, as after an eviction by the kubelet, do not. Right after
 * pods were deleted the controller's own count may be outdated, so the pods are counted as well, where `wanted` is known.
 */
export function explainUnsettledPods(listed: readonly V1Pod[], wanted?: number): string | null {
  // Its containers have ended, but the API server has not removed it yet.
  const ending = listed.filter(({ metadata }) => metadata?.deletionTimestamp !== undefined)
  const live = listed.filter(({ status }) => !hasFinished(status?.phase))
  if (ending.length > 0) return `still present: ${listPodNames(ending)}`
  const unready = live.filter((pod) => !isPodReady(pod))
  if (unready.length > 0) return `not ready: ${listPodNames(unready)}`
  return wanted === undefined || live.length === wanted ? null : `${live.length} of ${wanted} pods`
}

function listPodNames(pods: readonly V1Pod[]): string {
  return pods.map(({ metadata }) => metadata?.name).join(', ')
}
