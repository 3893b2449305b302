/** Changes the number of replicas, as `kubectl scale` does. The ReplicaSet controller chooses which pods leave. */
import { z } from 'zod'
import type { DisruptionEvidence, DisruptionKind } from './kind.ts'

export interface Scale {
  kind: 'scale'
  to: number
}

export const scale: DisruptionKind<Scale> = {
  schema: z.strictObject({ kind: z.literal('scale'), to: z.int().min(0).max(100) }),
  getNoun: ({ to }, replicas) => (to < replicas ? 'scale-down' : 'scale-up'),
  describe: ({ to }) => `scales to ${to}`,
  countReplicasAfter: ({ to }) => to,
  explainImpossible: ({ to }, replicas) =>
    to === replicas ? `it scales to ${to}, so nothing would be disrupted` : null,
  selectRemoval: ({ to }, old) => ({
    candidates: old.map(({ name }) => name),
    count: Math.max(0, old.length - to),
  }),
  explainMissingProof: ({ to }, { old, removed, added }) =>
    to > old.length ? explainNotAdded(to - old.length, added) : explainTooFewRemoved(old.length - to, removed),
}

function explainNotAdded(expected: number, added: number): string | null {
  if (added >= expected) return null
  return `nothing was disrupted: ${added} of ${expected} new ${expected === 1 ? 'pod' : 'pods'} became ready`
}

function explainTooFewRemoved(expected: number, { size }: DisruptionEvidence['removed']): string | null {
  if (expected > 0 && size >= expected) return null
  return `nothing was disrupted: ${size} of ${expected} ${expected === 1 ? 'pod' : 'pods'} to be removed left`
}
