/** What the gates of its rounds make of a row of the comparison. */
import type { RowResult } from '../../model/comparison.ts'
import type { GateResult } from '../../model/result.ts'

interface GatedRounds {
  /** The results of each round that was judged. */
  judged: readonly (readonly GateResult[])[]
  /** Why the rounds that were judged do not speak for the others; empty where they do. */
  doubts: readonly string[]
}

/**
 * In place of the hypothesis the gates decide whether a row held: one that failed in a round that was judged has failed, whatever became
 * of the others, and all are kept when they were in each, and enough were judged. A row whose verdict is `failed` may lack rounds: a loss
 * in one of them proves the verdict, and says nothing of the gates in the others.
 */
export function applyGates(result: RowResult, { judged, doubts }: GatedRounds): RowResult {
  const results = judged.flat()
  const failed = results.filter(({ met }) => met === false)
  const open = results.filter(({ met }) => met === null)
  if (failed.length > 0) return { ...result, held: false, because: addReasons(result.because, failed.map(getText)) }
  if (result.verdict === 'unknown' || results.length === 0) return { ...result, held: null }
  const missing = [...doubts, ...open.map(getText)]
  return missing.length > 0
    ? { ...result, held: null, because: addReasons(result.because, missing) }
    : { ...result, held: true }
}

function getText({ says }: GateResult): string {
  return says
}

/** After the first, which is the figure. */
function addReasons([first = '', ...others]: readonly string[], reasons: readonly string[]): string[] {
  return [first, ...new Set(reasons), ...others]
}
