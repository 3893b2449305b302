import type { ReportedRuns } from '../judge/judge-directory.ts'
import type { ComparisonRow } from '../model/comparison.ts'
import type { Analysis, Verdict } from '../model/result.ts'

/** What one configuration came to under one scenario, over all its rounds. */
export interface RunResult {
  verdict: Verdict
  /** The reasons of the verdict, the weightiest first. Never empty. */
  because: string[]
  sentence: string
  row: ComparisonRow
  /** Of each run, in the order in which they were played; those that were repeated too. */
  analyses: Analysis[]
  /** Where the event logs and the reports are. */
  directory: string
  /** The path of report.html; `null` where it could not be written. */
  report: string | null
}

/** Throws a RangeError where the runs are of several rows, or of none. */
export function toRunResult({ rows, runs, report }: ReportedRuns, directory: string): RunResult {
  const [row, ...others] = rows
  if (row === undefined || others.length > 0) throw new RangeError(`Cannot make one result of ${rows.length} rows`)
  const { verdict, because } = row.result
  return {
    verdict,
    because,
    sentence: row.sentence,
    row,
    analyses: runs.map(({ analysis }) => analysis),
    directory,
    report,
  }
}
