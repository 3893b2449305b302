/** The same steps several times, one after another. */
import { z } from 'zod'
import { maxSteps } from './limits.ts'

export interface Repeat<S> {
  kind: 'repeat'
  times: number
  steps: readonly S[]
}

/** `step`: the schema of every step that it may contain. */
export function createRepeatSchema<S>(step: z.ZodType<S>): z.ZodType<Repeat<S>> {
  return z.strictObject({
    kind: z.literal('repeat'),
    times: z.int().min(1).max(maxSteps),
    steps: z.array(step).min(1).max(maxSteps),
  })
}
