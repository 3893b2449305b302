/** Evicts the workload's pods from one node, as `kubectl drain` does: the node is cordoned, and uncordoned when the run is over. */
import { z } from 'zod'
import type { DisruptionKind, OldPod } from './kind.ts'
import { explainNotRemoved, removeAll } from './removal.ts'

export interface Drain {
  kind: 'drain'
}

export const drain: DisruptionKind<Drain> = {
  schema: z.strictObject({ kind: z.literal('drain') }),
  getNoun: () => 'node drain',
  describe: () => 'drains a node of the workload',
  countReplicasAfter: (_, replicas) => replicas,
  explainImpossible: () => null,
  selectRemoval: (_, old) => removeAll(listDrainedPods(old)),
  explainMissingProof(_, { old, removed, evicted }) {
    const drained = listDrainedPods(old)
    if (drained.length === 0) return 'nothing was disrupted: no old pod was on a node'
    const accepted = drained.filter(({ name }) => evicted.has(name))
    if (accepted.length === 0) return 'nothing was disrupted: no eviction was accepted'
    return explainNotRemoved(removeAll(drained).candidates, removed)
  },
}

/** The node with the most pods, or the first of these by name: every reader of the log picks the same one. `null` without pods on nodes. */
export function findDrainedNode(old: readonly OldPod[]): string | null {
  const byNode = Map.groupBy(old, ({ node }) => node)
  const nodes = [...byNode.keys()].filter((node) => node !== null).sort()
  const count = (node: string): number => byNode.get(node)?.length ?? 0
  return nodes.reduce<string | null>((most, node) => (most !== null && count(most) >= count(node) ? most : node), null)
}

function listDrainedPods(old: readonly OldPod[]): OldPod[] {
  const drained = findDrainedNode(old)
  return old.filter(({ node }) => node !== null && node === drained)
}
