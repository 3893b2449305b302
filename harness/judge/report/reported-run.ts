import type { ComparisonRow, RoundResult } from '../../model/comparison.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { Analysis, Verdict } from '../../model/result.ts'
import { isDeciding } from '../gates/judge-gates.ts'

/** One run as shown in a report: its plan, its conclusions, and the name of its directory. */
export interface ReportedRun {
  plan: RunPlan
  analysis: Analysis
  /** Relative to the report's directory. */
  dir: string
}

/**
 * What a run contributes to the result of its row. `unexpected`: a gate failed, or an expectation was not met, because of it. `undecided`:
 * it was judged, but its row could not be. `repeated`: another run of its round counts. `left-out`, `contradicted` and `missing`: as its
 * round.
 */
export type RunPart = 'as-expected' | 'unexpected' | 'undecided' | 'left-out' | 'contradicted' | 'repeated' | 'missing'

/** The position of a run in the comparison. */
export interface RunPlace {
  row: ComparisonRow
  round: RoundResult
  part: RunPart
}

/** Throws a RangeError for a run that is in none of the rows. */
export function findRunPlace(run: ReportedRun, rows: readonly ComparisonRow[]): RunPlace {
  const { runId } = run.analysis
  for (const row of rows) {
    const round = row.rounds.find(({ runIds }) => runIds.includes(runId))
    if (round !== undefined) return { row, round, part: determinePart(run, row, round) }
  }
  throw new RangeError(`Cannot place run ${runId}: no row has it`)
}

function determinePart({ analysis }: ReportedRun, { expects, result }: ComparisonRow, round: RoundResult): RunPart {
  if (round.runId !== analysis.runId) return 'repeated'
  const gates = analysis.gates.filter(isDeciding)
  // A failed gate has its own evidence, whatever else could not be concluded.
  if (gates.some(({ met }) => met === false) && result.held === false) return 'unexpected'
  if (round.state !== 'judged') return round.state
  const isGated = analysis.gates.length > 0
  if (!isGated && isAgainst(expects, round.verdict) && result.held === false) return 'unexpected'
  // Its records may prove a loss, but they are incomplete.
  if (analysis.ending !== 'complete') return 'missing'
  // Whatever failed in another round, it is unknown whether this one kept its gates.
  if (gates.some(({ met }) => met === null)) return 'undecided'
  return result.held === null && expects === 'loses' && !isGated ? 'undecided' : 'as-expected'
}

/** Whether the row did not hold because of a run with this verdict, if no gate decides. */
function isAgainst(expects: ComparisonRow['expects'], verdict: Verdict): boolean {
  return expects === 'loses' || verdict === 'failed'
}

/** The runs that a row of the comparison sums up, in order of their rounds. */
export function listRunsOfRow({ rounds }: ComparisonRow, runs: readonly ReportedRun[]): ReportedRun[] {
  const byId = new Map(runs.map((run) => [run.analysis.runId, run]))
  return rounds.flatMap(({ runIds }) => runIds.flatMap((runId) => byId.get(runId) ?? []))
}

/** `round 3`, or `round 3, run 2` where it was repeated. */
export function formatRoundName({ plan }: Pick<ReportedRun, 'plan'>): string {
  return plan.attempt === undefined ? `round ${plan.round}` : `round ${plan.round}, run ${plan.attempt}`
}
