/** Whether the log of a run reaches its end, whatever can be concluded from it. */
import type { ClaimResult } from '../../model/claims.ts'
import type { LogCompleteness } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'

/** If one of these does not hold, the log is not that of a run that was merely disturbed. */
const wholeLogClaims: ReadonlySet<string> = new Set(['log-whole', 'ledger-balanced'])

export function determineEnding({ seen }: Evidence, claims: readonly ClaimResult[]): LogCompleteness {
  if (seen.begin.length === 0) return 'never-began'
  return claims.every(({ name, holds }) => holds || !wholeLogClaims.has(name)) ? 'complete' : 'cut-short'
}
