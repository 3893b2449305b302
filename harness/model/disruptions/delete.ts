/** Deletes pods at once, as `kubectl delete pod` does, regardless of budgets. */
import { z } from 'zod'
import type { DisruptionKind, OldPod, Removal } from './kind.ts'
import { explainNotRemoved, formatPods, selectFirst } from './removal.ts'

export interface Delete {
  kind: 'delete'
  /** The number of pods; absent: all. */
  count?: number
  /** Replaces the pods' own grace period. 0 is not allowed: the API would forget the pods while their containers still run. */
  gracePeriodSeconds?: number
}

export const deletePods: DisruptionKind<Delete> = {
  schema: z.strictObject({
    kind: z.literal('delete'),
    count: z.int().min(1).max(100).exactOptional(),
    gracePeriodSeconds: z.int().min(1).max(3600).exactOptional(),
  }),
  getNoun: () => 'deletion',
  describe: ({ count, gracePeriodSeconds }) =>
    `deletes ${formatPods(count)}${gracePeriodSeconds === undefined ? '' : ` within ${gracePeriodSeconds} s`}`,
  countReplicasAfter: (_, replicas) => replicas,
  explainImpossible: ({ count = 0 }, replicas) => (count > replicas ? `it deletes ${count}` : null),
  selectRemoval: selectPods,
  explainMissingProof(disruption, { old, removed }) {
    const { candidates } = selectPods(disruption, old)
    const { count = candidates.length } = disruption
    if (candidates.length < count) return `only ${candidates.length} of ${count} pods to be deleted were there`
    return explainNotRemoved(candidates, removed)
  },
}

function selectPods({ count }: Delete, old: readonly OldPod[]): Removal {
  return selectFirst(old, count)
}
