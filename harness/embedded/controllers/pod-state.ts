/** What a pod's status says, as controllers read it (pkg/api/v1/pod/util.go). */
import type { Pod, PodCondition } from '../store/objects.ts'

function readyCondition(pod: Pod): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === 'Ready')
}

export function isReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === 'True'
}

/** Since when the pod is ready, ms since the epoch; 0 when it is not or does not say. */
export function readySinceMs(pod: Pod): number {
  const condition = readyCondition(pod)
  return condition?.status === 'True' ? timeMs(condition.lastTransitionTime) : 0
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined
}

/** Succeeded or Failed: its containers will never run again. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Counts as a replica (controller.IsPodActive). */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isTerminating(pod)
}

/**
 * How long until a ready pod has been so for `minReadySeconds`, 0 when it is available, `undefined` when it is not ready.
 * Ready's transition time has whole seconds, so that a pod may count as available up to 1 s early: as in a real cluster.
 */
export function untilAvailableMs(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  if (!isReady(pod)) return undefined
  if (minReadySeconds === 0) return 0
  return Math.max(0, readySinceMs(pod) + minReadySeconds * 1000 - nowMs)
}

/** An RFC 3339 time as ms since the epoch; 0 when there is none. */
export function timeMs(time: string | undefined): number {
  return time === undefined ? 0 : Date.parse(time)
}
