/** The command line: arguments in, exit code out. A command is loaded only when it is named, or its help is. */
import { Command, CommanderError } from 'commander'
import { exitCodes } from '../base/fault.ts'
import { subscribeToTraces } from '../base/tracing.ts'
import type { Paths } from '../cluster/clusters.ts'
import { explainError } from '../terminal/explain.ts'
import { printNotice } from '../terminal/print.ts'
import { formatTrace } from '../terminal/trace.ts'
import packageJson from '../../package.json' with { type: 'json' }

type AddCommand = (program: Command, paths: Paths) => void

/** In the order of the help. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  run: async () => (await import('./run.ts')).addRunCommand,
  report: async () => (await import('./report.ts')).addReportCommand,
  up: async () => (await import('./up/up.ts')).addUpCommand,
  down: async () => (await import('./up/up.ts')).addDownCommand,
  sweep: async () => (await import('./sweep.ts')).addSweepCommand,
  list: async () => (await import('./list.ts')).addListCommand,
  doctor: async () => (await import('./doctor.ts')).addDoctorCommand,
  capacity: async () => (await import('./capacity/capacity.ts')).addCapacityCommand,
  verify: async () => (await import('./verify/verify.ts')).addVerifyCommand,
}

const examples = `
Examples:
  nodrop run                                   the six shipped configurations through a rolling restart
  nodrop run --scenario eviction --config graceful --rounds 10
  nodrop run --config naive,graceful --json | jq '.[] | {configuration, lost: .ledger.lost}'
  nodrop run --cluster kubeconfig --context staging --image-registry registry.example/team
  nodrop report reports/runs/20261124-120000   judge a finished or interrupted comparison again, from its logs alone
  nodrop up && kubectl --kubeconfig reports/cluster/local/kubeconfig get pods -A

Exit codes:
  0  every hypothesis held        3  the environment cannot run it (see nodrop doctor)
  1  a hypothesis did not hold    4  unknown: no verdict, or a planned run is missing
  2  bad usage or plan            130  interrupted, report written`

/** Runs the command that the arguments name and gives the exit code; what goes wrong is explained on standard error. */
export async function runProgram(args: readonly string[], paths: Paths): Promise<number> {
  process.exitCode = exitCodes.ok
  using stack = new DisposableStack()
  try {
    const program = await createProgram(args, paths)
    program.hook('preAction', () => {
      const { verbose } = program.opts<{ verbose?: boolean }>()
      if (verbose) stack.use(subscribeToTraces((trace) => printNotice(formatTrace(trace))))
    })
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = reportError(error)
  }
  return process.exitCode
}

async function createProgram(args: readonly string[], paths: Paths): Promise<Command> {
  const program = new Command('nodrop')
    .description('Measures which HTTP requests are lost while Kubernetes replaces, moves or removes pods, and why.')
    .version(packageJson.version, '-V, --version', 'print the version')
    .option('--verbose', 'show each API call and each child process with its duration, on standard error')
    .showHelpAfterError('(nodrop --help shows the options)')
    .addHelpText('after', examples)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: (text) => printNotice(text.trimEnd()) })
    .exitOverride()
  const named = args.find((word) => !word.startsWith('-')) ?? ''
  const loaded = Object.hasOwn(commands, named) ? [commands[named]] : Object.values(commands)
  for (const load of loaded) (await load?.())?.(program, paths)
  return program
}

/** Says what ended the command, unless commander has said it, and gives the exit code. */
function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const { text, exitCode } = explainError(error)
  printNotice(`nodrop: ${text}`)
  return exitCode
}
