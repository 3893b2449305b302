/** When a workload that was disrupted has come to rest. */
import { getDisruptionKind } from '../../model/disruptions/disruptions.ts'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import type { OldPod } from '../../model/disruptions/kind.ts'
import type { PodSnapshot } from '../../model/record.ts'
import { waitUntil } from '../../base/polling.ts'

export interface SettleOptions {
  disruption: Disruption
  /** Of the workload before it was disrupted. */
  replicas: number
  /** The workload's pods then. */
  old: readonly OldPod[]
  /** Those that are there now. */
  pods: ReadonlyMap<string, PodSnapshot>
  limitMs: number
  signal: AbortSignal
}

/**
 * Resolves when the pods that had to leave have left the API and all that are there are ready, as many as there have to be: later
 * than `kubectl rollout status` says so (law 5).
 */
export async function waitUntilSettled(options: SettleOptions): Promise<void> {
  const { limitMs, signal } = options
  await waitUntil('the old pods to terminate', { limitMs, signal }, () => explainUnsettled(options))
}

/** What is missing; `null` when it has settled. */
export function explainUnsettled({
  disruption,
  replicas,
  old,
  pods,
}: Pick<SettleOptions, 'disruption' | 'replicas' | 'old' | 'pods'>): string | null {
  const kind = getDisruptionKind(disruption)
  const { candidates, count } = kind.selectRemoval(disruption, old)
  const wanted = kind.countReplicasAfter(disruption, replicas)
  const present = candidates.filter((name) => pods.has(name))
  // Which ones of them leave may be somebody else's choice.
  const mustLeave = new Set(count === candidates.length ? present : [])
  const live = [...pods.values()].filter(({ phase }) => !hasFinished(phase))
  const leaving = live.filter(({ name, terminating }) => terminating || mustLeave.has(name))
  const unready = live.filter((pod) => !leaving.includes(pod) && !pod.ready)
  const stillToLeave = present.length - (candidates.length - count)
  const missing = [
    leaving.length > 0 && `still present: ${listNames(leaving)}`,
    leaving.length === 0 && stillToLeave > 0 && `${stillToLeave} of ${present.join(', ')} must leave`,
    unready.length > 0 && `not ready: ${listNames(unready)}`,
    wanted !== null && live.length !== wanted && `${live.length} of ${wanted} pods`,
  ].filter((part) => part !== false)
  return missing.length === 0 ? null : missing.join('; ')
}

/** Such a pod, as an eviction by its kubelet leaves it, serves nothing and may stay for long. */
export function hasFinished(phase: string | undefined): boolean {
  return phase === 'Failed' || phase === 'Succeeded'
}

function listNames(pods: readonly PodSnapshot[]): string {
  return pods.map(({ name }) => name).join(', ')
}
