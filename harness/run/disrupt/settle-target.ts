/** When a workload that ran before nodrop came, and was disrupted by whatever it was, has come to rest: by its controller and its pods. */
import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import { waitUntil } from '../../base/polling.ts'
import type { PodSnapshot } from '../../model/record.ts'
import { formatLabelSelector } from '../../model/workload.ts'
import type { Workload } from '../../model/workload.ts'
import { isPodReady } from '../deploy/pod-start.ts'
import { callApi } from '../deploy/workload.ts'
import { readWorkload } from '../deploy/workload-api.ts'
import type { WorkloadReference } from '../deploy/workload-api.ts'

export interface TargetSettleOptions extends WorkloadReference {
  workload: Workload
  /** Its pods before it was disrupted. */
  old: readonly { name: string }[]
  /** Those that the watch shows now. */
  pods: ReadonlyMap<string, PodSnapshot>
  limitMs: number
  signal: AbortSignal
}

/** A command may only have asked somebody else for what then happens: for so long the first pod to leave is waited for. */
const moveLimitMs = 10_000

/** Resolves when it is at rest; also when, after some seconds, no pod of it has been replaced, which is for the judge to say. */
export async function waitUntilTargetSettled(options: TargetSettleOptions): Promise<void> {
  const { api, namespace, workload, old, pods, limitMs, signal } = options
  const { kind, name } = workload
  const labelSelector = formatLabelSelector(workload.selector)
  const moveDeadline = performance.now() + moveLimitMs
  await waitUntil(`${kind} ${name} to come to rest`, { limitMs, signal }, async () => {
    const controlled = await callApi(`read ${kind} ${name}`, () => readWorkload(options))
    const { items } = await callApi(`list the pods of ${name}`, () =>
      api.core.listNamespacedPod({ namespace, labelSelector }),
    )
    const unsettled = explainUnsettledController(controlled) ?? explainUnsettledPods(items, pods)
    if (unsettled !== null) return unsettled
    const isMoved = old.some((pod) => !pods.has(pod.name))
    return isMoved || performance.now() > moveDeadline ? null : 'none of its pods has left'
  })
}

/** As `kubectl rollout status` has it. */
export function explainUnsettledController({ metadata, spec, status = {} }: V1Deployment): string | null {
  const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0 } = status
  const wanted = spec?.replicas ?? 1
  if (observedGeneration < (metadata?.generation ?? 0)) return 'its controller has not seen its latest change'
  if (updatedReplicas < wanted) return `${updatedReplicas} of ${wanted} pods are of the new template`
  if ((status.replicas ?? 0) !== wanted) return `${status.replicas ?? 0} pods, of ${wanted}`
  return availableReplicas < wanted ? `${availableReplicas} of ${wanted} pods are available` : null
}

/** Pods that still end keep it from being settled, and so does a watch that has not seen all that the API server has. */
function explainUnsettledPods(listed: readonly V1Pod[], watched: ReadonlyMap<string, PodSnapshot>): string | null {
  const ending = listed.filter(({ metadata }) => metadata?.deletionTimestamp !== undefined)
  if (ending.length > 0) return `still present: ${ending.map(({ metadata }) => metadata?.name).join(', ')}`
  if (!listed.every(isPodReady)) return 'not every pod is ready'
  const isSeen = listed.length === watched.size && listed.every(({ metadata }) => watched.has(metadata?.name ?? ''))
  return isSeen ? null : 'the watch has not seen its latest pods'
}
