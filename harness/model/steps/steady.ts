/** Load for a given time without any action. */
import { z } from 'zod'

export interface Steady {
  kind: 'steady'
  forMs: number
}

export const steadySchema: z.ZodType<Steady> = z.strictObject({
  kind: z.literal('steady'),
  forMs: z.int().min(0).max(3_600_000),
})
