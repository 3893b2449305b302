/** Waits until the workload's controller and its pods say that it is at rest, whatever was done to it. */
import { z } from 'zod'

export interface UntilSettled {
  kind: 'until-settled'
}

export const untilSettledSchema: z.ZodType<UntilSettled> = z.strictObject({ kind: z.literal('until-settled') })
