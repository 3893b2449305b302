/** The output at the end of a comparison, and its exit code. */
import { isReplaceable, writeNamedFile } from '../base/files/named-file.ts'
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

/** The results, and their location. */
interface ToldResults {
  directory: string
  /** The exit code of the process, given the errors of files that could not be written. */
  getExitCode: (unwritten: readonly unknown[]) => number
}

/**
 * Writes the results in each chosen form. A form that fails does not stop the others; its error is in `unwritten` of the result. JSON
 * contains the exit code, which depends on whether all could be written: so it comes last, and its output to the terminal after its files.
 */
export async function printResults(
  judged: ReportedRuns,
  { directory, getExitCode }: ToldResults,
  options: ReporterOptions,
): Promise<Pick<ReportedRuns, 'unwritten'>> {
  const unwritten = [...judged.unwritten]
  const tell = (choice: ReporterChoice): boolean => {
    try {
      writeForm(choice, judged, { directory, exitCode: getExitCode(unwritten) })
      return true
    } catch (error) {
      unwritten.push(error)
      return false
    }
  }
  const choices = chooseReporters(options)
  for (const choice of choices) if (choice.name !== 'json') tell(choice)
  const json = choices.filter(({ name }) => name === 'json')
  const before = getExitCode(unwritten)
  const written = json.filter((choice) => choice.file !== null && tell(choice))
  if (getExitCode(unwritten) !== before) {
    for (const choice of written) if (choice.file !== null && isReplaceable(choice.file)) tell(choice)
  }
  for (const choice of json) if (choice.file === null) tell(choice)
  const notice = options.open && judged.report !== null ? await openReport(judged.report) : null
  if (notice !== null) printNotice(notice)
  return { unwritten }
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

/** Throws the errors of files that could not be written; the message names the first. */
export function throwIfUnwritten({ unwritten: [first, ...others] }: Pick<ReportedRuns, 'unwritten'>): void {
  if (first === undefined) return
  if (!(first instanceof Fault) || others.length === 0) throw first
  const more = others.length === 1 ? '1 more file' : `${others.length} more files`
  throw new Fault(first.kind, `${first.message}; the same goes for ${more}`, first.advice, { cause: first })
}

/**
 * The exit code of a comparison follows from its rows, like their marks; a configuration that differs from itself outweighs held rows. A
 * gate that failed in a watch is no success either.
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
  // If a configuration differs from itself, the effect of the machine is unknown.
  const differs = decisions.some(({ isSame, relation }) => isSame && relation !== '~')
  return held === 'undecided' || differs ? exitCodes.unknown : exitCodes.ok
}

/** How a command ended. */
interface Ending {
  /** Thrown once the results are written; `undefined`: nothing is. */
  failure?: unknown
  isInterrupted: boolean
  /** Errors of files that could not be written; the first is thrown if nothing else is. */
  unwritten: readonly unknown[]
}

/** The exit code of the process: each of these outweighs the results, whose exit code is `exitCode`. */
export function computeEndingCode(exitCode: number, { failure, isInterrupted, unwritten }: Ending): number {
  if (failure !== undefined) return explainError(failure).exitCode
  if (unwritten.length > 0) return explainError(unwritten[0]).exitCode
  return isInterrupted ? exitCodes.interrupted : exitCode
}

const exitCodesByVerdict = { passed: exitCodes.ok, failed: exitCodes.gate, unknown: exitCodes.unknown }
