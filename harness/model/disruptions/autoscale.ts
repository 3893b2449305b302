/** Scales up and back, as an autoscaler does around a peak of the load. The ReplicaSet controller chooses which pods leave. */
import { z } from 'zod'
import type { DisruptionKind } from './kind.ts'

export interface Autoscale {
  kind: 'autoscale'
  /** Replicas at the peak. */
  to: number
  /** How long the peak lasts once all replicas are ready, in ms. */
  holdMs: number
}

export const autoscale: DisruptionKind<Autoscale> = {
  schema: z.strictObject({
    kind: z.literal('autoscale'),
    to: z.int().min(1).max(100),
    holdMs: z.int().min(0).max(600_000),
  }),
  getNoun: () => 'scaling cycle',
  describe: ({ to, holdMs }) => `scales to ${to}, and back after ${holdMs / 1000} s`,
  countReplicasAfter: (_, replicas) => replicas,
  explainImpossible: ({ to }, replicas) => (to > replicas ? null : `it scales up to ${to}`),
  // Each old pod may stay: the new ones may be those that leave.
  selectRemoval: (_, old) => ({ candidates: old.map(({ name }) => name), count: 0 }),
  explainMissingProof({ to }, { old, removed, added, addedRemoved }) {
    const expected = to - old.length
    const pods = expected === 1 ? 'pod' : 'pods'
    if (expected <= 0 || added < expected)
      return `nothing was disrupted: ${added} of ${expected} new ${pods} became ready`
    const left = removed.size + addedRemoved
    return left >= expected ? null : `${left} of ${expected} ${pods} to be removed left`
  },
}
