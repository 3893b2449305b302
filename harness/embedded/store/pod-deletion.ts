/** The API server's part of deleting a pod: it marks the pod, and the kubelet ends it. */
import type { Pod, Stored } from './objects.ts'
import { formatNow } from './store.ts'
import type { Store } from './store.ts'

export interface PodDeletion {
  /** Default: the pod's `terminationGracePeriodSeconds`. */
  graceSeconds?: number
}

/**
 * Deletes a pod as `DELETE` does: with a grace period it is marked, and its kubelet finally removes it; a pod without a node, a finished
 * one, and one with a grace of 0 is removed at once, unless it has a finalizer (pkg/registry/core/pod/strategy.go CheckGracefulDelete,
 * apiserver registry/rest/delete.go BeforeDelete). A second deletion can shorten the grace period, never extend it. Returns the pod as it
 * was left.
 */
export function deletePodGracefully(store: Store, pod: Stored<Pod>, { graceSeconds }: PodDeletion = {}): Stored<Pod> {
  const { name, namespace = '', deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = pod.metadata
  const again = deletionTimestamp !== undefined
  const asked = graceSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30
  const grace = isDeletedImmediately(pod) ? 0 : asked < 0 ? 1 : asked
  if (again && (graceSeconds === undefined || (grace >= deletionGracePeriodSeconds && grace > 0))) return pod
  if (grace === 0 && finalizers.length === 0) return store.remove('pods', name, namespace)
  // The period counts from the first request, even if a later one shortens it.
  const requestedMs = again ? Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000 : Date.now()
  return store.modify('pods', name, namespace, (draft) => {
    draft.metadata.deletionTimestamp = formatSeconds(requestedMs + grace * 1000)
    draft.metadata.deletionGracePeriodSeconds = grace
  })
}

/** Adds a condition with the reason of the coming deletion; returns the new version. */
export function addDisruptionTargetCondition(
  store: Store,
  { metadata }: Stored<Pod>,
  reason: string,
  message: string,
): Stored<Pod> {
  return store.modify('pods', metadata.name, metadata.namespace ?? '', (draft) => {
    const others = draft.status?.conditions?.filter(({ type }) => type !== 'DisruptionTarget') ?? []
    const condition = { type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime: formatNow() }
    draft.status = { ...draft.status, conditions: [...others, condition] }
  })
}

function isDeletedImmediately({ spec, status }: Pod): boolean {
  return !spec?.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

function formatSeconds(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`
}
