/** Which of a workload's pods count when it is to be at rest or is about to be disrupted. */
import type { OldPod } from '../../model/disruptions/kind.ts'
import type { PodSnapshot } from '../../model/record.ts'

/** A finished pod, as left by an eviction of its kubelet, serves nothing and may stay for long. */
export function hasFinished(phase: string | undefined): boolean {
  return phase === 'Failed' || phase === 'Succeeded'
}

/** The pods that a disruption which begins now affects. */
export function listOldPods(pods: ReadonlyMap<string, PodSnapshot>): OldPod[] {
  return [...pods.values()].filter(({ phase }) => !hasFinished(phase)).map(({ name, node }) => ({ name, node }))
}
