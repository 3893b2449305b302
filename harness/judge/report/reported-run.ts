import type { ComparisonRow, RoundResult } from '../../model/comparison.ts'
import type { Expectation, RunPlan } from '../../model/plan.ts'
import type { Analysis, Verdict } from '../../model/result.ts'

/** One run as a report shows it: what was asked, what was concluded, and the name of its directory. */
export interface ReportedRun {
  plan: RunPlan
  analysis: Analysis
  /** Relative to the report's own directory. */
  dir: string
}

/**
 * What a run is to the result of its row. `unexpected`: for its sake the hypothesis did not hold. `undecided`: it was judged, but
 * its row could not be. `repeated`: another run of its round counts. `left-out`, `contradicted` and `missing`: as its round.
 */
export type RunPart = 'as-expected' | 'unexpected' | 'undecided' | 'left-out' | 'contradicted' | 'repeated' | 'missing'

/** Where a run stands in the comparison. */
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
  if (round.state !== 'judged') return round.state
  if (hasFailed(analysis, expects, round.verdict) && result.held === false) return 'unexpected'
  // What was seen of it may prove a loss, but not all of it was seen.
  if (analysis.ending !== 'complete') return 'missing'
  // Whatever failed in another round: of this one it is not known whether it kept its gates.
  if (analysis.gates.some(({ met }) => met === null)) return 'undecided'
  return result.held === null && expects === 'loses' && analysis.gates.length === 0 ? 'undecided' : 'as-expected'
}

/** Whether the row did not hold for this run's sake. */
function hasFailed({ gates }: Analysis, expects: Expectation, verdict: Verdict): boolean {
  return gates.length > 0 ? gates.some(({ met }) => met === false) : expects === 'loses' || verdict === 'failed'
}

/** The runs that were summed up in a row of the comparison, in the order of their rounds. */
export function listRunsOfRow({ rounds }: ComparisonRow, runs: readonly ReportedRun[]): ReportedRun[] {
  const byId = new Map(runs.map((run) => [run.analysis.runId, run]))
  return rounds.flatMap(({ runIds }) => runIds.flatMap((runId) => byId.get(runId) ?? []))
}

/** `round 3`, or `round 3, run 2` where it was repeated. */
export function formatRoundName({ plan }: Pick<ReportedRun, 'plan'>): string {
  return plan.attempt === undefined ? `round ${plan.round}` : `round ${plan.round}, run ${plan.attempt}`
}
