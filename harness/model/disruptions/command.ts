/** A command of the user's that disrupts the workload. Its effect on the pods is only known from the log. */
import { z } from 'zod'
import type { DisruptionKind } from './kind.ts'

export interface Command {
  kind: 'command'
  /** The program and its arguments, used without a shell. */
  argv: string[]
}

export const command: DisruptionKind<Command> = {
  schema: z.strictObject({ kind: z.literal('command'), argv: z.array(z.string()).min(1) }),
  getNoun: () => 'command',
  describe: ({ argv }) => `runs ${argv.join(' ')}`,
  countReplicasAfter: () => null,
  explainImpossible: () => null,
  selectRemoval: (_, old) => ({ candidates: old.map(({ name }) => name), count: 0 }),
  explainMissingProof: (_, { removed }) =>
    removed.size > 0 ? null : 'nothing was disrupted: the command replaced no pod of the workload',
}
