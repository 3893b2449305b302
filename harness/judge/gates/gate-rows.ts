/** How the gates of its rounds decide a row of the comparison. */
import type { RowResult } from '../../model/comparison.ts'
import { gateKinds } from '../../model/gates/gate-kinds.ts'
import { formatGate } from '../../model/gates/gates.ts'
import type { GateResult } from '../../model/result.ts'
import { formatCount } from '../../base/figures.ts'
import { isDeciding } from './judge-gates.ts'

export interface GatedRound {
  isJudged: boolean
  /** The gates of the run that counts. */
  gates: readonly GateResult[]
}

/**
 * Gates, instead of the expectation, decide whether a row held. A gate that failed in any round has failed, as that round has its own
 * evidence. Gates are kept when they were in each judged round, and enough rounds were judged (`doubts`: why the judged rounds do not
 * represent the others). A row with the verdict `failed` may lack rounds: a loss in one proves the verdict, but not that gates were kept in
 * the others. Gates that only warn decide nothing.
 */
export function applyGates(result: RowResult, rounds: readonly GatedRound[], doubts: readonly string[]): RowResult {
  const all = rounds.flatMap(({ gates }) => gates)
  const judged = rounds.filter(({ isJudged }) => isJudged).flatMap(({ gates }) => gates)
  const warnings = [
    ...describeFailed(all.filter((one) => !isDeciding(one))),
    ...listOpen(judged.filter((one) => !isDeciding(one))),
  ]
  const shown = { ...result, ...(warnings.length > 0 && { warnings }) }
  const failed = describeFailed(all.filter(isDeciding))
  if (failed.length > 0) return { ...shown, held: false, because: addReasons(result.because, failed) }
  if (result.verdict === 'unknown' || judged.length === 0) return { ...shown, held: null }
  const missing = [...doubts, ...listOpen(judged.filter(isDeciding))]
  return missing.length > 0
    ? { ...shown, held: null, because: addReasons(result.because, missing) }
    : { ...shown, held: true }
}

/** A line for each failed gate: its value in the worst round, and the number of rounds. */
function describeFailed(results: readonly GateResult[]): string[] {
  const failed = results.filter(({ met }) => met === false)
  const groups = Map.groupBy(failed, ({ gate }) => formatGate(gate))
  return [...groups.values()].map((group) => {
    const worst = group.reduce((most, one) => (isWorse(one, most) ? one : most))
    return group.length === 1
      ? worst.says
      : `${worst.says}, the worst of ${formatCount(group.length)} rounds that failed it`
  })
}

function isWorse({ gate, measured }: GateResult, than: GateResult): boolean {
  const difference = (measured ?? 0) - (than.measured ?? 0)
  return gateKinds[gate.name].bound === 'most' ? difference > 0 : difference < 0
}

function listOpen(results: readonly GateResult[]): string[] {
  return results.filter(({ met }) => met === null).map(({ says }) => says)
}

/** Inserts them after the first line, which has the figure. */
function addReasons([first = '', ...others]: readonly string[], reasons: readonly string[]): string[] {
  return [first, ...new Set(reasons), ...others]
}
