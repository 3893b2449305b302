/** What a comparison's end looks like, and its exit code. */
import { writeNamedFile } from '../base/files/named-file.ts'
import { Fault, exitCodes } from '../base/fault.ts'
import type { ReportedRuns } from '../judge/judge-directory.ts'
import { concludeRows } from '../judge/gates/row-mark.ts'
import { judgeWatch } from '../judge/verdict/watch-sentences.ts'
import { explainError } from '../terminal/explain.ts'
import { printDocument, printLines, printNotice } from '../terminal/print.ts'
import { documents, isDocument, listings } from '../terminal/reporters/reporters.ts'
import type { ResultsSite } from '../terminal/reporters/results-json.ts'
import { renderLine } from '../terminal/text.ts'
import { openReport } from './reporting/open-report.ts'
import { chooseReporters } from './reporting/reporter-options.ts'
import type { ReporterChoice, ReporterOptions } from './reporting/reporter-options.ts'

/**
 * Tells of the results in each of the forms that were chosen. A form that fails keeps no other from being told; what failed is in `unwritten`
 * of what it gives.
 */
export async function printResults(
  judged: ReportedRuns,
  site: ResultsSite,
  options: ReporterOptions,
): Promise<Pick<ReportedRuns, 'unwritten'>> {
  const failures = chooseReporters(options).flatMap((choice) => {
    try {
      writeForm(choice, judged, site)
      return []
    } catch (error) {
      return [error]
    }
  })
  const { report, unwritten } = judged
  const notice = options.open && report !== null ? await openReport(report) : null
  if (notice !== null) printNotice(notice)
  return { unwritten: [...unwritten, ...failures] }
}

function writeForm({ name, file }: ReporterChoice, judged: ReportedRuns, site: ResultsSite): void {
  if (isDocument(name)) {
    const text = documents[name](judged, site)
    return file === null ? printDocument(text) : writeNamedFile(file, text)
  }
  if (file === null) return printLines(...listings[name](judged, process.stdout))
  writeNamedFile(
    file,
    listings[name](judged, {})
      .map((line) => `${renderLine(line, null)}\n`)
      .join(''),
  )
}

/** Throws what kept files from being written: the first of them is named. */
export function throwIfUnwritten({ unwritten: [first, ...others] }: Pick<ReportedRuns, 'unwritten'>): void {
  if (first === undefined) return
  if (!(first instanceof Fault) || others.length === 0) throw first
  const more = others.length === 1 ? '1 more file' : `${others.length} more files`
  throw new Fault(first.kind, `${first.message}; the same goes for ${more}`, first.advice, { cause: first })
}

/**
 * The exit code of a comparison is read from its rows, as their marks are; that a configuration differs from itself outweighs that they
 * held. A gate that failed in a watch is no success of it either.
 */
export function computeExitCode({
  rows,
  watch = null,
  decisions = [],
}: Pick<ReportedRuns, 'rows'> & Partial<ReportedRuns>): number {
  const held = concludeRows(rows)
  if (held === 'failed') return exitCodes.gate
  if (watch !== null) {
    const verdict = judgeWatch(watch)
    // Episodes whose logs are no longer kept have no rows, and leave no gate open.
    const isOpen = rows.length > 0 && held === 'undecided'
    return verdict === 'passed' && isOpen ? exitCodes.unknown : exitCodesByVerdict[verdict]
  }
  // Where a configuration differs from itself, what the machine does is not known.
  const differs = decisions.some(({ isSame, relation }) => isSame && relation !== '~')
  return held === 'undecided' || differs ? exitCodes.unknown : exitCodes.ok
}

/** How a command came to its end. */
interface Ending {
  /** What is thrown once the results are told; `undefined`: nothing. */
  failure?: unknown
  isInterrupted: boolean
}

/** What the process ends with: a failure or an interrupt outweighs what there is of results, whose exit code is `exitCode`. */
export function computeEndingCode(exitCode: number, { failure, isInterrupted }: Ending): number {
  if (failure !== undefined) return explainError(failure).exitCode
  return isInterrupted ? exitCodes.interrupted : exitCode
}

const exitCodesByVerdict = { passed: exitCodes.ok, failed: exitCodes.gate, unknown: exitCodes.unknown }
