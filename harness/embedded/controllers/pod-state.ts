/** A pod's status as controllers read it (pkg/api/v1/pod/util.go). */
import type { Pod, PodCondition } from '../store/objects.ts'

function getReadyCondition(pod: Pod): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === 'Ready')
}

export function isReady(pod: Pod): boolean {
  return getReadyCondition(pod)?.status === 'True'
}

/** When the pod became ready, ms since the epoch; 0 when it is not ready or the time is missing. */
export function getReadySinceMs(pod: Pod): number {
  const condition = getReadyCondition(pod)
  return condition?.status === 'True' ? parseTimeMs(condition.lastTransitionTime) : 0
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined
}

/** Succeeded or Failed: its containers will never run again. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Counts as a replica (controller.IsPodActive). */
export function isActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && !isTerminating(pod)
}

/**
 * The time until a ready pod has been ready for `minReadySeconds`; 0 when it is available, `undefined` when it is not ready. Ready's
 * transition time has whole seconds, so a pod may count as available up to 1 s early, as in a real cluster.
 */
export function computeTimeToAvailableMs(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  if (!isReady(pod)) return undefined
  if (minReadySeconds === 0) return 0
  return Math.max(0, getReadySinceMs(pod) + minReadySeconds * 1000 - nowMs)
}

/** An RFC 3339 time as ms since the epoch; 0 when there is none. */
export function parseTimeMs(time: string | undefined): number {
  return time === undefined ? 0 : Date.parse(time)
}
