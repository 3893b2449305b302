import type { ReportedRuns } from '../judge/judge-directory.ts'
import type { ComparisonRow } from '../model/comparison.ts'
import type { Analysis, Verdict } from '../model/result.ts'

/** The result of one configuration under one scenario, over all its rounds. */
export interface RunResult {
  verdict: Verdict
  /** The reasons of the verdict, most important first. Never empty. */
  because: string[]
  sentence: string
  row: ComparisonRow
  /** For each run, in order of execution, including those that were repeated. */
  analyses: Analysis[]
  /** The directory of the event logs and reports. */
  directory: string
  /** The path of report.html; `null` if it could not be written. */
  report: string | null
}

/** Throws a RangeError if the runs belong to several rows, or to none. */
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
