/** A new version, as by `kubectl set env` or `kubectl set image`: every pod is replaced by one of a new template. */
import { z } from 'zod'
import type { DisruptionKind } from './kind.ts'
import { explainNotRemoved, removeAll } from './removal.ts'

export interface Update {
  kind: 'update'
  /** The one that is changed; absent: that to whose port the Service leads. */
  container?: string
  /** Variables of its environment, by their names; the others stay. */
  env?: Record<string, string>
  image?: string
}

/** As C identifiers, which every Kubernetes version takes. */
const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name has letters, digits and _, and begins with no digit')
const variables = z
  .record(variable, z.string())
  .refine((env) => Object.keys(env).length > 0, 'needs a variable: with none nothing would be disrupted')

export const update: DisruptionKind<Update> = {
  schema: z
    .strictObject({
      kind: z.literal('update'),
      container: z.string().min(1).exactOptional(),
      env: variables.exactOptional(),
      image: z.string().min(1).exactOptional(),
    })
    .refine(
      ({ env, image }) => env !== undefined || image !== undefined,
      'needs env or image: without either nothing would be disrupted',
    ),
  getNoun: () => 'update',
  countReplicasAfter: (_, replicas) => replicas,
  explainImpossible: () => null,
  selectRemoval: (_, old) => removeAll(old),
  explainMissingProof: (_, { old, removed }) => explainNotRemoved(removeAll(old).candidates, removed),
}
