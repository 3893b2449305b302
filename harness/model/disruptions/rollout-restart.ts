/** A rolling restart, as by `kubectl rollout restart`: a new template replaces every pod. */
import { z } from 'zod'
import type { DisruptionKind } from './kind.ts'
import { explainNotRemoved, removeAll } from './removal.ts'

export interface RolloutRestart {
  kind: 'rollout-restart'
}

export const rolloutRestart: DisruptionKind<RolloutRestart> = {
  schema: z.strictObject({ kind: z.literal('rollout-restart') }),
  getNoun: () => 'rollout',
  describe: () => 'restarts the rollout',
  countReplicasAfter: (_, replicas) => replicas,
  explainImpossible: () => null,
  selectRemoval: (_, old) => removeAll(old),
  explainMissingProof: (_, { old, removed }) => explainNotRemoved(removeAll(old).candidates, removed),
}
