/** Which of a workload's pods count when it is to be at rest, or is about to be disrupted. */
import type { OldPod } from '../../model/disruptions/kind.ts'
import type { PodSnapshot } from '../../model/record.ts'

/** Such a pod, as an eviction by its kubelet leaves it, serves nothing and may stay for long. */
export function hasFinished(phase: string | undefined): boolean {
  return phase === 'Failed' || phase === 'Succeeded'
}

/** Those that a disruption meets which begins now. */
export function listOldPods(pods: ReadonlyMap<string, PodSnapshot>): OldPod[] {
  return [...pods.values()].filter(({ phase }) => !hasFinished(phase)).map(({ name, node }) => ({ name, node }))
}
