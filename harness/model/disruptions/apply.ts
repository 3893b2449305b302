/** Objects of a file are made what the file says of them, as by `kubectl apply -f`. What that does to the pods, only the log tells. */
import { z } from 'zod'
import type { DisruptionKind } from './kind.ts'

export interface Apply {
  kind: 'apply'
  /** Its path, from the folder of the scenario. */
  file: string
  /** Of its bytes, in hexadecimal digits; absent until it is read. */
  sha256?: string
  /** Gives its objects, which may hold what is secret: they are in no plan. */
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
