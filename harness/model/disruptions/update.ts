/** A new version, as by `kubectl set env`, `kubectl set image` or `kubectl patch`: a new template replaces every pod. */
import { z } from 'zod'
import type { DisruptionKind } from './kind.ts'
import { explainNotRemoved, removeAll } from './removal.ts'

export interface Update {
  kind: 'update'
  /** The changed container; absent: the one behind the Service's port. */
  container?: string
  /** Environment variables by name; the others stay. */
  env?: Record<string, string>
  image?: string
  /** A strategic merge patch of the whole object, in place of the three. */
  patch?: Record<string, unknown>
}

/** C identifiers, which every Kubernetes version accepts. */
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
      patch: z.record(z.string(), z.unknown()).exactOptional(),
    })
    .refine(
      ({ env, image, patch }) => env !== undefined || image !== undefined || patch !== undefined,
      'needs env, image or patch: without any of them nothing would be disrupted',
    )
    .refine(
      ({ container, env, image, patch }) => patch === undefined || (container ?? env ?? image) === undefined,
      'needs either a patch, or what is changed of a container',
    ),
  getNoun: () => 'update',
  describe: describeUpdate,
  countReplicasAfter: (_, replicas) => replicas,
  explainImpossible: () => null,
  selectRemoval: (_, old) => removeAll(old),
  explainMissingProof: (_, { old, removed }) => explainNotRemoved(removeAll(old).candidates, removed),
}

function describeUpdate({ container, env = {}, image, patch }: Update): string {
  if (patch !== undefined) return 'patches the workload'
  const changed = [...Object.keys(env), ...(image === undefined ? [] : [`the image to ${image}`])]
  return `updates ${changed.join(', ')}${container === undefined ? '' : ` of ${container}`}`
}
