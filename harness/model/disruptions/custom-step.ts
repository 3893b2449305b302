/** Runs the user's own code. It is recorded by name and SHA-256 of its source; its effect on the pods is only known from the log. */
import { z } from 'zod'
import type { DisruptionKind } from './kind.ts'

export interface CustomStep {
  kind: 'step'
  name: string
  /** The SHA-256 of its source, in hexadecimal digits. */
  sha256: string
  /** Not part of a plan: there the name and the digest identify the code. */
  run?: StepFunction
}

/** Returns the detail for its end, if any. Throws if it failed. */
export type StepFunction = (context: StepContext) => Promise<string | void>

/** What the code can use. */
export interface StepContext {
  /** The workload's namespace. */
  namespace: string
  workload: { kind: string; name: string }
  /** Names of the workload's pods at the start of the step. */
  pods: readonly string[]
  /** Sends a request to the Kubernetes API and returns the JSON of the answer; throws if its status is not 2xx. */
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
