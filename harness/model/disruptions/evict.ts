/** The Eviction API is asked to remove every pod; `budget` adds a PodDisruptionBudget that it has to respect. */
import { z } from 'zod'
import type { DisruptionKind } from './kind.ts'
import { explainNotRemoved, removeAll } from './removal.ts'

export interface Evict {
  kind: 'evict'
  budget?: { maxUnavailable: number }
}

const budget = z.strictObject({ maxUnavailable: z.int().min(1).max(100) })

export const evict: DisruptionKind<Evict> = {
  schema: z.strictObject({ kind: z.literal('evict'), budget: budget.exactOptional() }),
  getNoun: () => 'eviction',
  countReplicasAfter: (_, replicas) => replicas,
  explainImpossible: () => null,
  selectRemoval: (_, old) => removeAll(old),
  explainMissingProof(_, { old, removed, evicted }) {
    if (evicted.size === 0) return 'nothing was disrupted: no eviction was accepted'
    const expected = removeAll(old).candidates.filter((name) => evicted.has(name))
    return explainNotRemoved(expected, removed)
  },
}
