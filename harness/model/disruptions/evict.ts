/** Removes pods with the Eviction API; `budget` adds a PodDisruptionBudget that evictions must respect. */
import { z } from 'zod'
import type { DisruptionKind, OldPod, Removal } from './kind.ts'
import { explainNotRemoved, formatPods, selectFirst } from './removal.ts'

export interface Evict {
  kind: 'evict'
  /** The number of pods; absent: all. */
  pods?: number
  budget?: { maxUnavailable: number }
}

const budget = z.strictObject({ maxUnavailable: z.int().min(1).max(100) })

export const evict: DisruptionKind<Evict> = {
  schema: z.strictObject({
    kind: z.literal('evict'),
    pods: z.int().min(1).max(100).exactOptional(),
    budget: budget.exactOptional(),
  }),
  getNoun: () => 'eviction',
  describe: ({ pods, budget }) =>
    `evicts ${formatPods(pods)}${budget ? ` under a budget of ${budget.maxUnavailable}` : ''}`,
  countReplicasAfter: (_, replicas) => replicas,
  explainImpossible: ({ pods = 0 }, replicas) => (pods > replicas ? `it evicts ${pods}` : null),
  selectRemoval: selectEvicted,
  explainMissingProof(disruption, { old, removed, evicted }) {
    const { candidates } = selectEvicted(disruption, old)
    const { pods = 0 } = disruption
    if (evicted.size === 0) return 'nothing was disrupted: no eviction was accepted'
    if (candidates.length < pods) return `only ${candidates.length} of ${pods} pods to be evicted were there`
    const expected = candidates.filter((name) => evicted.has(name))
    if (expected.length < pods) return `only ${expected.length} of ${pods} evictions were accepted`
    return explainNotRemoved(expected, removed)
  },
}

function selectEvicted({ pods }: Evict, old: readonly OldPod[]): Removal {
  return selectFirst(old, pods)
}
