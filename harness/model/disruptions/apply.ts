/** Applies the objects of a file, as `kubectl apply -f` does. Its effect on the pods is only known from the log. */
import { z } from 'zod'
import type { DisruptionKind } from './kind.ts'

export interface Apply {
  kind: 'apply'
  /** The path of the file, relative to the scenario's folder. */
  file: string
  /** The SHA-256 of its bytes, in hexadecimal digits; absent until it is read. */
  sha256?: string
  /** Returns its objects, which may contain secrets, so plans do not contain them. */
  read?: () => readonly object[]
}

export const apply: DisruptionKind<Apply> = {
  schema: z.strictObject({
    kind: z.literal('apply'),
    file: z.string().min(1),
    sha256: z.string().exactOptional(),
    read: z.custom<() => readonly object[]>((value) => typeof value === 'function').exactOptional(),
  }),
  getNoun: () => 'update',
  describe: ({ file }) => `applies ${file}`,
  countReplicasAfter: () => null,
  explainImpossible: () => null,
  selectRemoval: (_, old) => ({ candidates: old.map(({ name }) => name), count: 0 }),
  explainMissingProof: ({ file }, { removed, added }) =>
    removed.size > 0 || added > 0 ? null : `nothing was disrupted: ${file} moved no pod of the workload`,
}
