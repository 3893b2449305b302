/** Waits until the workload is at rest by its controller and its pods, whatever was done to it. */
import { z } from 'zod'

export interface UntilSettled {
  kind: 'until-settled'
}

export const untilSettledSchema: z.ZodType<UntilSettled> = z.strictObject({ kind: z.literal('until-settled') })
