/** Which pods go first when a ReplicaSet shrinks (pkg/controller/controller_utils.go, ActivePodsWithRanks). */
import type { ContainerStatus, Pod, Stored } from '../store/objects.ts'
import { isActive, isReady, readySinceMs, timeMs } from '../controllers/pod-state.ts'

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

/**
 * The `count` pods to delete, the first victim first. `related` are the pods of every ReplicaSet of the same owner: a pod
 * that shares its node with many of them goes before one that is alone (replica_set.go getPodsRankedByRelatedPodsOnSameNode).
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
 */
export function chooseVictims(
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
  const rank = (pod: Pod): number => onNode.get(pod.spec?.nodeName ?? '') ?? 0
  return pods.toSorted((a, b) => compareVictims(a, b, rank, nowMs)).slice(0, count)
}

/** Negative when `a` is to go before `b`. The rules in their order; the first that tells the two apart decides. */
function compareVictims(a: Stored<Pod>, b: Stored<Pod>, rank: (pod: Pod) => number, nowMs: number): number {
  return (
    Number(isAssigned(a)) - Number(isAssigned(b)) ||
    phaseOrder(a) - phaseOrder(b) ||
    Number(isReady(a)) - Number(isReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    rank(b) - rank(a) ||
    compareReadyTime(a, b, nowMs) ||
    compareRestarts(a, b) ||
    compareAge(a, b, (pod) => timeMs(pod.metadata.creationTimestamp), nowMs)
  )
}

function isAssigned(pod: Pod): boolean {
  return Boolean(pod.spec?.nodeName)
}

function phaseOrder(pod: Pod): number {
  return pod.status?.phase === 'Running' ? 2 : pod.status?.phase === 'Unknown' ? 1 : 0
}

/** An annotation that is no int32 counts as 0 (pkg/apis/core/helper GetDeletionCostFromPodAnnotations). */
function deletionCost(pod: Pod): number {
  const cost = pod.metadata?.annotations?.[deletionCostAnnotation] ?? '0'
  return /^(0|-?[1-9]\d*)$/.test(cost) && Math.abs(Number(cost)) < 2 ** 31 ? Number(cost) : 0
}

function compareReadyTime(a: Stored<Pod>, b: Stored<Pod>, nowMs: number): number {
  return isReady(a) && isReady(b) ? compareAge(a, b, readySinceMs, nowMs) : 0
}

/**
 * The younger first, but ages of the same power of two count as equal and are decided by uid, which is random: otherwise
 * every scale-down would undo the latest scale-up (LogarithmicScaleDown, KEP-2185). A time that is not known is youngest.
 */
function compareAge(a: Stored<Pod>, b: Stored<Pod>, timeOf: (pod: Stored<Pod>) => number, nowMs: number): number {
  const [aMs, bMs] = [timeOf(a), timeOf(b)]
  if (aMs === bMs) return 0
  if (aMs === 0 || bMs === 0) return aMs === 0 ? -1 : 1
  const difference = ageBucket(nowMs - aMs) - ageBucket(nowMs - bMs)
  return difference === 0 ? (a.metadata.uid < b.metadata.uid ? -1 : 1) : difference
}

/** Buckets of log2 of the age in ns, as Go's durations give them. */
function ageBucket(ageMs: number): number {
  return ageMs > 0 ? Math.trunc(Math.log2(ageMs * 1e6)) : -1
}

/** Containers first; sidecars decide between pods whose containers restarted equally often. */
function compareRestarts(a: Pod, b: Pod): number {
  return (
    mostRestarts(b.status?.containerStatuses) - mostRestarts(a.status?.containerStatuses) ||
    mostRestarts(sidecars(b)) - mostRestarts(sidecars(a))
  )
}

function sidecars(pod: Pod): ContainerStatus[] {
  const names = pod.spec?.initContainers?.filter((init) => init.restartPolicy === 'Always').map(({ name }) => name)
  return pod.status?.initContainerStatuses?.filter(({ name }) => names?.includes(name)) ?? []
}

function mostRestarts(statuses: ContainerStatus[] = []): number {
  return Math.max(0, ...statuses.map((status) => status.restartCount))
}
