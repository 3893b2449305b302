import type { Outcome } from '../../model/record.ts'

/** Of requests that were under way when their connection ended. */
export const cutOutcomes: ReadonlySet<Outcome> = new Set([
  'closed-before-response',
  'reset-before-response',
  'truncated',
  'reset-in-body',
])
