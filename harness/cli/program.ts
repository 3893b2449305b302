/** The command line: arguments in, exit code out. A command is loaded only when it, or its help, is requested. */
import { basename } from 'node:path'
import { Command, CommanderError } from 'commander'
import { exitCodes } from '../base/fault.ts'
import { subscribeToTraces } from '../base/tracing.ts'
import type { Paths } from '../cluster/clusters.ts'
import { explainError } from '../terminal/explain.ts'
import { printNotice } from '../terminal/print.ts'
import { formatTrace } from '../terminal/trace.ts'
import { formatExamples } from './help.ts'
import packageJson from '../../package.json' with { type: 'json' }

type AddCommand = (program: Command, paths: Paths, trailing: readonly string[]) => void

/** In the order of the help. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  run: async () => (await import('./run.ts')).addRunCommand,
  watch: async () => (await import('./watch.ts')).addWatchCommand,
  init: async () => (await import('./config/init.ts')).addInitCommand,
  report: async () => (await import('./report.ts')).addReportCommand,
  compare: async () => (await import('./since/compare.ts')).addCompareCommand,
  baseline: async () => (await import('./since/baseline.ts')).addBaselineCommand,
  history: async () => (await import('./since/history.ts')).addHistoryCommand,
  export: async () => (await import('./since/export.ts')).addExportCommand,
  up: async () => (await import('./up/up.ts')).addUpCommand,
  down: async () => (await import('./up/up.ts')).addDownCommand,
  sweep: async () => (await import('./sweep.ts')).addSweepCommand,
  completion: async () => (await import('./completion/completion.ts')).addCompletionCommand,
  schema: async () => (await import('./config/schema.ts')).addSchemaCommand,
  list: async () => (await import('./list.ts')).addListCommand,
  doctor: async () => (await import('./doctor.ts')).addDoctorCommand,
  capacity: async () => (await import('./capacity/capacity.ts')).addCapacityCommand,
  verify: async () => (await import('./verify/verify.ts')).addVerifyCommand,
}

/** Runs the command named by the arguments and returns the exit code; errors are explained on standard error. */
export async function runProgram(args: readonly string[], paths: Paths): Promise<number> {
  process.exitCode = exitCodes.ok
  using stack = new DisposableStack()
  try {
    const { own, trailing } = separateTrailing(args)
    const program = await createProgram(own, paths, trailing)
    program.hook('preAction', () => {
      const { verbose } = program.opts<{ verbose?: boolean }>()
      if (verbose) stack.use(subscribeToTraces((trace) => printNotice(formatTrace(trace))))
    })
    await program.parseAsync(own, { from: 'user' })
  } catch (error) {
    process.exitCode = reportError(error)
  }
  return process.exitCode
}

/** The arguments of `nodrop run` after `--` are the user's command, and none of them is an option of nodrop. */
function separateTrailing(args: readonly string[]): { own: readonly string[]; trailing: readonly string[] } {
  const end = findCommandName(args) === 'run' ? args.indexOf('--') : -1
  return end < 0 ? { own: args, trailing: [] } : { own: args.slice(0, end), trailing: args.slice(end + 1) }
}

function findCommandName(args: readonly string[]): string {
  return args.find((word) => !word.startsWith('-')) ?? ''
}

async function createProgram(args: readonly string[], paths: Paths, trailing: readonly string[]): Promise<Command> {
  const program = new Command('nodrop')
    .description('Measures which HTTP requests are lost while Kubernetes replaces, moves or removes pods, and why.')
    .version(packageJson.version, '-V, --version', 'print the version')
    .option('-q, --quiet', 'print only results and errors, no progress')
    .option('-v, --verbose', 'show each API call and each child process with its duration, on standard error')
    .showHelpAfterError('(nodrop --help shows the commands)')
    .addHelpText('after', formatExamples(basename(paths.reports)))
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: (text) => printNotice(text.trimEnd()) })
    .exitOverride()
  const named = findCommandName(args)
  // The completion script covers all commands.
  const isKnown = Object.hasOwn(commands, named) && named !== 'completion'
  const loaded = isKnown ? [commands[named]] : Object.values(commands)
  for (const load of loaded) (await load?.())?.(program, paths, trailing)
  for (const command of program.commands) {
    command.showHelpAfterError(`(nodrop ${command.name()} --help shows the options)`)
  }
  return program
}

/** Prints the error that ended the command, unless commander has, and returns the exit code. */
function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const { text, exitCode } = explainError(error)
  printNotice(`nodrop: ${text}`)
  return exitCode
}
