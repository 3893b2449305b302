/** Which pods are deleted first when a ReplicaSet shrinks (pkg/controller/controller_utils.go, ActivePodsWithRanks). */
import type { ContainerStatus, Pod, Stored } from '../store/objects.ts'
import { isActive, isReady, getReadySinceMs, parseTimeMs } from '../controllers/pod-state.ts'

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

/**
 * The `count` pods to delete, in order. `related` are the pods of every ReplicaSet of the same owner: a pod that shares its node with many
 * of them is deleted before one that is alone (replica_set.go getPodsRankedByRelatedPodsOnSameNode).
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
 */
export function getPodsToDelete(
  pods: Stored<Pod>[],
  related: Pod[],
  count: number,
  nowMs: number = Date.now(),
): Stored<Pod>[] {
  const onNode = new Map<string, number>()
  for (const pod of related) {
    const node = pod.spec?.nodeName ?? ''
    if (isActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1)
  }
  const getNodeRank = (pod: Pod): number => onNode.get(pod.spec?.nodeName ?? '') ?? 0
  return pods.toSorted((a, b) => compareForDeletion(a, b, getNodeRank, nowMs)).slice(0, count)
}

/** Negative when `a` is to be deleted before `b`. The first rule that distinguishes the two decides. */
function compareForDeletion(a: Stored<Pod>, b: Stored<Pod>, rank: (pod: Pod) => number, nowMs: number): number {
  return (
    Number(isAssigned(a)) - Number(isAssigned(b)) ||
    getPhaseOrder(a) - getPhaseOrder(b) ||
    Number(isReady(a)) - Number(isReady(b)) ||
    getDeletionCost(a) - getDeletionCost(b) ||
    rank(b) - rank(a) ||
    compareReadyTime(a, b, nowMs) ||
    compareRestarts(a, b) ||
    compareAge(a, b, (pod) => parseTimeMs(pod.metadata.creationTimestamp), nowMs)
  )
}

function isAssigned(pod: Pod): boolean {
  return Boolean(pod.spec?.nodeName)
}

function getPhaseOrder(pod: Pod): number {
  return pod.status?.phase === 'Running' ? 2 : pod.status?.phase === 'Unknown' ? 1 : 0
}

/** An annotation that is not an int32 counts as 0 (pkg/apis/core/helper GetDeletionCostFromPodAnnotations). */
function getDeletionCost(pod: Pod): number {
  const cost = pod.metadata?.annotations?.[deletionCostAnnotation] ?? '0'
  return /^(0|-?[1-9]\d*)$/.test(cost) && Math.abs(Number(cost)) < 2 ** 31 ? Number(cost) : 0
}

function compareReadyTime(a: Stored<Pod>, b: Stored<Pod>, nowMs: number): number {
  return isReady(a) && isReady(b) ? compareAge(a, b, getReadySinceMs, nowMs) : 0
}

/**
 * The younger first, but ages of the same power of two count as equal and the random uid decides: otherwise every scale-down would undo the
 * latest scale-up (LogarithmicScaleDown, KEP-2185). An unknown time counts as youngest.
 */
function compareAge(a: Stored<Pod>, b: Stored<Pod>, timeOf: (pod: Stored<Pod>) => number, nowMs: number): number {
  const [aMs, bMs] = [timeOf(a), timeOf(b)]
  if (aMs === bMs) return 0
  if (aMs === 0 || bMs === 0) return aMs === 0 ? -1 : 1
  const difference = computeAgeBucket(nowMs - aMs) - computeAgeBucket(nowMs - bMs)
  return difference === 0 ? (a.metadata.uid < b.metadata.uid ? -1 : 1) : difference
}

/** Buckets of log2 of the age in ns, as Go's durations give them. */
function computeAgeBucket(ageMs: number): number {
  return ageMs > 0 ? Math.trunc(Math.log2(ageMs * 1e6)) : -1
}

/** Containers first; sidecars decide between pods whose containers restarted equally often. */
function compareRestarts(a: Pod, b: Pod): number {
  return (
    getMaxRestarts(b.status?.containerStatuses) - getMaxRestarts(a.status?.containerStatuses) ||
    getMaxRestarts(listSidecars(b)) - getMaxRestarts(listSidecars(a))
  )
}

function listSidecars(pod: Pod): ContainerStatus[] {
  const names = pod.spec?.initContainers?.filter((init) => init.restartPolicy === 'Always').map(({ name }) => name)
  return pod.status?.initContainerStatuses?.filter(({ name }) => names?.includes(name)) ?? []
}

function getMaxRestarts(statuses: ContainerStatus[] = []): number {
  return Math.max(0, ...statuses.map((status) => status.restartCount))
}
