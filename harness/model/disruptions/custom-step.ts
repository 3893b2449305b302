/** What a user's own code does. It is recorded by its name and the SHA-256 of its source; what it does to the pods, only the log tells. */
import { z } from 'zod'
import type { DisruptionKind } from './kind.ts'

export interface CustomStep {
  kind: 'step'
  name: string
  /** Of its source, in hexadecimal digits. */
  sha256: string
  /** In no plan: who reads one knows what was done by name and source. */
  run?: StepFunction
}

/** Gives what is to be told of its end, if anything. Throws where it could not be done. */
export type StepFunction = (context: StepContext) => Promise<string | void>

/** What it may work with. */
export interface StepContext {
  /** Of the workload. */
  namespace: string
  workload: { kind: string; name: string }
  /** Names of the workload's pods when it begins. */
  pods: readonly string[]
  /** A request of the Kubernetes API; throws when its answer is no 2xx, and gives its JSON. */
  request: (method: string, path: string, body?: object, contentType?: string) => Promise<unknown>
  /** Aborts when the run is interrupted, or the scenario’s time is over. */
  signal: AbortSignal
}

export const customStep: DisruptionKind<CustomStep> = {
  schema: z.strictObject({
    kind: z.literal('step'),
    name: z.string().min(1).max(80),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal digits'),
    run: z.custom<StepFunction>((value) => typeof value === 'function').exactOptional(),
  }),
  getNoun: () => 'run',
  describe: ({ name }) => `performs ${name}`,
  countReplicasAfter: () => null,
  explainImpossible: () => null,
  selectRemoval: (_, old) => ({ candidates: old.map(({ name }) => name), count: 0 }),
  explainMissingProof: () => null,
}
