/** The sums over all stages of a verification. Pure. */
import type { StageResult } from './compare-logs.ts'
import type { Fuzz } from '../faults/fuzz.ts'
import type { Verification } from './verify.ts'

export function listStages({ mix, cuts, overload, requests, freeze }: Verification): StageResult[] {
  return [mix, cuts, overload, requests, ...(freeze ? [freeze] : [])]
}

export function sumStages(
  verification: Verification,
  name: 'accountingError' | 'misclassified' | 'duplicates',
): number {
  return listStages(verification).reduce((sum, stage) => sum + stage[name], 0)
}

/** Incomplete answers that were counted as complete. */
export function countInventedOk({ rows }: StageResult): number {
  return rows.reduce((sum, { right, counted }) => sum + (right.includes('ok') ? 0 : (counted.ok ?? 0)), 0)
}

/** Crashes, hangs, unaccounted requests and invented successes. */
export function countFuzzErrors({ inventedOk, unequal, crashes, sockets }: Fuzz): number {
  const { accountingError, duplicates, hung } = sockets
  return inventedOk + unequal + crashes + sockets.inventedOk + accountingError + duplicates + hung
}
