/** The chosen forms of the results, and the file of each. */
import { resolve } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { isDocument, reporterNames } from '../../terminal/reporters/reporters.ts'
import type { ReporterName } from '../../terminal/reporters/reporters.ts'
import type { ProgressOptions } from '../../terminal/progress.ts'

export interface ReporterChoice {
  name: ReporterName
  /** `null`: standard output. */
  file: string | null
}

/** The options added by `addReporterOptions`, as parsed by commander. */
export interface ReporterOptions {
  reporter?: ReporterChoice[]
  json?: boolean
  open?: boolean
}

export function addReporterOptions(command: Command): Command {
  return command
    .addOption(createReporterOption())
    .option('--json', 'as --reporter json: one object, which nodrop schema results describes')
    .option('--open', 'open the report in a browser')
}

function createReporterOption(): Option {
  const text = 'form of the results, printed or written to a file; may be given again (default: list)'
  const option = new Option('--reporter <name[=file]>', text).argParser(collectReporter)
  option.argChoices = [...reporterNames]
  return option
}

function collectReporter(text: string, before: ReporterChoice[] = []): ReporterChoice[] {
  const [, word = '', file] = /^([^=]*)(?:=(.+))?$/s.exec(text) ?? []
  const name = reporterNames.find((known) => known === word)
  if (name !== undefined) return [...before, { name, file: file ?? null }]
  throw new InvalidArgumentError(`Must be one of ${reporterNames.join(', ')}, or one of them with =FILE.`)
}

/** Throws a usage Fault for documents mixed with other output on standard output, and for two forms in one file. */
export function chooseReporters({ reporter = [], json = false }: ReporterOptions): ReporterChoice[] {
  const asked: ReporterChoice[] = json ? [{ name: 'json', file: null }, ...reporter] : reporter
  const chosen: ReporterChoice[] = asked.length === 0 ? [{ name: 'list', file: null }] : asked
  requireOwnFiles(chosen)
  const printed = chosen.filter(({ file }) => file === null)
  const whole = printed.find(({ name }) => isDocument(name))
  if (whole === undefined || printed.length === 1) return chosen
  throw new Fault(
    'usage',
    `Cannot print ${printed.map(({ name }) => name).join(' and ')} at the same time: ${whole.name} is a whole document`,
    `Give it a file, such as --reporter ${whole.name}=FILE.`,
  )
}

function requireOwnFiles(chosen: readonly ReporterChoice[]): void {
  const written = chosen.filter(({ file }) => file !== null)
  for (const [place, sharing] of Map.groupBy(written, ({ file }) => resolve(file ?? ''))) {
    const names = sharing.map(({ name }) => name).join(' and ')
    if (sharing.length > 1) throw new Fault('usage', `Cannot write ${names} to ${place}: each needs a file of its own`)
  }
}

/** From the options of every command, and the environment. */
export function chooseProgress({ verbose, quiet }: { verbose?: boolean; quiet?: boolean }): ProgressOptions {
  // terminfo's name for a terminal without capabilities, such as that of Emacs.
  const isDumb = process.env['TERM'] === 'dumb'
  return {
    ...((verbose || isDumb) && { isPlain: true }),
    ...(quiet && { isQuiet: true }),
    isForGitHub: process.env['GITHUB_ACTIONS'] === 'true',
  }
}
