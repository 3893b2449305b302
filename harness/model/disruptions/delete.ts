/** Pods are deleted at once, as by `kubectl delete pod`: no budget is asked. */
import { z } from 'zod'
import type { DisruptionKind, OldPod, Removal } from './kind.ts'
import { explainNotRemoved, formatPods, selectFirst } from './removal.ts'

export interface Delete {
  kind: 'delete'
  /** How many; absent: all. */
  count?: number
  /** In place of the pods' own. 0 is not allowed: the API would forget the pods while their containers still run. */
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
