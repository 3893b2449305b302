/** Whether what the scenario asks for was done to the pods: a zero proves nothing where nothing was disrupted. */
import { getDisruptionKind } from '../../model/disruptions/disruptions.ts'
import type { DisruptionEvidence } from '../../model/disruptions/kind.ts'
import type { Scenario } from '../../model/plan.ts'
import type { PodTimeline } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { findStepUs } from '../facts/evidence.ts'
import type { Span } from '../pods/presence.ts'

/** Why it cannot be said that the disruption took place; `null` when it did. */
export function explainDisruptionNotObserved(
  { disruption }: Scenario,
  evidence: Evidence,
  pods: readonly PodTimeline[],
): string | null {
  const fromUs = findStepUs(evidence, 'disrupt-begin')
  const toUs = findStepUs(evidence, 'old-pods-gone')
  if (fromUs === null) return 'nothing was disrupted: the log ends before'
  if (toUs === null) return 'the log ends before the old pods were gone'
  if (!pods.some(({ old }) => old)) return 'nothing was disrupted: no pod was seen before the disruption'
  return getDisruptionKind(disruption).explainMissingProof(
    disruption,
    collectEvidence(evidence, pods, { fromUs, toUs }),
  )
}

/** What the log shows of the pods until the disruption ended. */
function collectEvidence({ seen }: Evidence, pods: readonly PodTimeline[], { fromUs, toUs }: Span): DisruptionEvidence {
  const old = pods.filter((pod) => pod.old)
  const isGone = ({ goneUs }: PodTimeline): boolean => goneUs !== null && goneUs <= toUs
  const removed = old.filter(isGone)
  const added = pods.filter((pod) => !pod.old && pod.readyUs !== null && pod.readyUs <= toUs)
  const accepted = seen.eviction.filter(({ status }) => status < 300)
  return {
    old: old.map(({ pod, node }) => ({ name: pod, node })),
    removed: new Set(removed.map(({ pod }) => pod)),
    added: added.length,
    addedRemoved: added.filter(isGone).length,
    evicted: new Set(accepted.map(({ pod }) => pod)),
    restarted: listRestarted(seen.pod, fromUs, toUs),
  }
}

/** Pods whose containers had been restarted more often at the end than at the beginning. */
function listRestarted(records: Evidence['seen']['pod'], fromUs: number, toUs: number): Set<string> {
  const restarted = new Set<string>()
  const before = new Map<string, number>()
  for (const { t, pod } of records) {
    const restarts = pod.containers.reduce((sum, container) => sum + container.restarts, 0)
    const known = before.get(pod.uid)
    if (t <= fromUs || known === undefined) before.set(pod.uid, restarts)
    else if (t <= toUs && restarts > known) restarted.add(pod.name)
  }
  return restarted
}
