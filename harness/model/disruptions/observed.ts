/** Disruptions that `nodrop watch` observed but did not perform. They are inferred from what happened to the pods. */
import { z } from 'zod'
import type { DisruptionEvidence, DisruptionKind } from './kind.ts'

/**
 * `rollout`: pods of another revision came. `node-drain`: evicted from a node that takes no new pods. `scale-down`: fewer pods than
 * before. `deletion`: pods left for none of these reasons. `container-restart`: no pod left, a container of one did.
 */
export type ObservedKind = (typeof observedKinds)[number]
export const observedKinds = [
  'rollout',
  'node-drain',
  'eviction',
  'scale-down',
  'deletion',
  'container-restart',
] as const

export interface Observed {
  kind: 'observed'
  what: ObservedKind
}

export const observed: DisruptionKind<Observed> = {
  schema: z.strictObject({ kind: z.literal('observed'), what: z.enum(observedKinds) }),
  describe: ({ what }) => `sees a ${formatObserved(what)}`,
  getNoun: ({ what }) => formatObserved(what),
  countReplicasAfter: () => null,
  explainImpossible: () => null,
  selectRemoval: (_, old) => ({ candidates: old.map(({ name }) => name), count: 0 }),
  explainMissingProof: ({ what }, evidence) => proofs[what](evidence),
}

const proofs: Record<ObservedKind, (evidence: DisruptionEvidence) => string | null> = {
  rollout: explainNotReplaced,
  'node-drain': explainNotLeft,
  eviction: explainNotLeft,
  'scale-down': explainNotLeft,
  deletion: explainNotLeft,
  'container-restart': explainNotRestarted,
}

function formatObserved(what: ObservedKind): string {
  return what === 'scale-down' ? what : what.replace('-', ' ')
}

function explainNotReplaced({ removed, added }: DisruptionEvidence): string | null {
  return removed.size > 0 || added > 0 ? null : 'nothing was disrupted: no pod of the workload left, and none came'
}

/** A new pod may leave too, for example if there are several disruptions at once. */
function explainNotLeft({ removed, addedRemoved }: DisruptionEvidence): string | null {
  return removed.size > 0 || addedRemoved > 0 ? null : 'nothing was disrupted: no pod of the workload left'
}

function explainNotRestarted({ removed, restarted }: DisruptionEvidence): string | null {
  return removed.size > 0 || restarted.size > 0 ? null : 'nothing was disrupted: no container of the workload restarted'
}
