/** What the gates of its rounds make of a row of the comparison. */
import type { RowResult } from '../../model/comparison.ts'
import type { GateResult } from '../../model/result.ts'

/**
 * In place of the hypothesis the gates decide whether a row held: one that failed in a round that was judged has failed, whatever became
 * of the others, and all are kept when they were in each. `rounds` has the results of each round that was judged.
 */
export function applyGates(result: RowResult, rounds: readonly (readonly GateResult[])[]): RowResult {
  const results = rounds.flat()
  const failed = results.filter(({ met }) => met === false)
  const open = results.filter(({ met }) => met === null)
  if (failed.length > 0) return { ...result, held: false, because: addReasons(result.because, failed) }
  if (result.verdict === 'unknown' || results.length === 0) return { ...result, held: null }
  return open.length > 0
    ? { ...result, held: null, because: addReasons(result.because, open) }
    : { ...result, held: true }
}

/** After the first, which is the figure. */
function addReasons([first = '', ...others]: readonly string[], results: readonly GateResult[]): string[] {
  return [first, ...new Set(results.map(({ says }) => says)), ...others]
}
