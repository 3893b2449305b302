/** The end of `nodrop run`: the results, the changes since the baseline, and an exit code that matches both. */
import { exitCodes } from '../base/fault.ts'
import type { ComparisonResult } from '../measure/run-comparison.ts'
import type { Baseline } from '../model/baseline/baseline.ts'
import { printLines, printNotice } from '../terminal/print.ts'
import { isDocument } from '../terminal/reporters/reporters.ts'
import { chooseReporters } from './reporting/reporter-options.ts'
import type { ReporterOptions } from './reporting/reporter-options.ts'
import { computeEndingCode, computeExitCode, printResults, throwIfUnwritten } from './results.ts'
import { compareWithBaseline, computeExitCodeSince, saveChanges, tellChanges } from './since/compare.ts'
import { formatResumeAdvice } from './since/last-failed.ts'

interface ComparisonEnding {
  /** The baseline of the runs, if any. */
  baseline: Baseline | null
  isInterrupted: boolean
}

/** Returns the exit code. Throws the error that ended the comparison early, after the results are printed. */
export async function endComparison(
  { directory, judged, failure }: Omit<ComparisonResult, 'preview'>,
  options: ReporterOptions,
  { baseline, isInterrupted }: ComparisonEnding,
): Promise<number> {
  if (judged === null) {
    if (failure !== undefined) throw failure
    return isInterrupted ? exitCodes.interrupted : exitCodes.unknown
  }
  const changes = baseline && compareWithBaseline(baseline, directory, judged.runs)
  const held = computeExitCode(judged)
  const since = changes === null ? held : computeExitCodeSince(changes, held)
  const notSaved = changes === null || failure !== undefined || isInterrupted ? [] : saveChanges(changes, directory)
  const getExitCode = (unwritten: readonly unknown[]): number =>
    computeEndingCode(since, { failure, isInterrupted, unwritten })
  const all = { ...judged, unwritten: [...judged.unwritten, ...notSaved] }
  const told = await printResults(all, { directory, getExitCode }, options)
  if (failure !== undefined) throw failure
  if (isInterrupted) printNotice(formatResumeAdvice(directory))
  else if (changes !== null) {
    // A document on standard output must not be followed by other text.
    const isWhole = chooseReporters(options).some(({ name, file }) => file === null && isDocument(name))
    tellChanges(changes, isWhole ? printNotice : printLines)
  }
  throwIfUnwritten(told)
  return getExitCode([])
}
