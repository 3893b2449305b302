/** Steps that begin at the same time; the step is over when the last of them is. */
import { z } from 'zod'
import { maxSteps } from './limits.ts'

export interface Together<S> {
  kind: 'together'
  steps: readonly S[]
}

/** `step`: the schema of every step that it may contain. */
export function createTogetherSchema<S>(step: z.ZodType<S>): z.ZodType<Together<S>> {
  return z.strictObject({ kind: z.literal('together'), steps: z.array(step).min(2).max(maxSteps) })
}
