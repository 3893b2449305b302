import type { Outcome } from '../../model/record.ts'

/** Outcomes of requests that were in flight when their connection ended. */
export const cutOutcomes: ReadonlySet<Outcome> = new Set([
  'closed-before-response',
  'reset-before-response',
  'truncated',
  'reset-in-body',
])
