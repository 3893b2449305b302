import type { RunPlan } from '../model/plan.ts'
import type { Analysis, ComparisonRow } from '../model/result.ts'

/** One run as a report shows it: what was asked, what was concluded, and the name of its directory. */
export interface ReportedRun {
  plan: RunPlan
  analysis: Analysis
  /** Relative to the report's own directory. */
  dir: string
}

/** The runs that were summed up in a row of the comparison, in the order of their rounds. */
export function runsOfRow(row: ComparisonRow, runs: readonly ReportedRun[]): ReportedRun[] {
  return runs
    .filter(
      ({ analysis }) =>
        analysis.scenario === row.scenario &&
        analysis.configuration === row.configuration &&
        analysis.cluster === row.cluster,
    )
    .sort((a, b) => a.analysis.round - b.analysis.round)
}
