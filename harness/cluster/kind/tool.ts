/** Runs `kind` and `docker` to their end: bounded, line by line, out of reach of the terminal's Ctrl-C. */
import { CommandError, runCommand, startProcess } from '../../base/child-process.ts'
import type { CommandResult, ProcessOptions, RunningProcess } from '../../base/child-process.ts'
import { Fault } from '../../base/fault.ts'

export interface ToolOptions {
  limitMs: number
  /** Gets every line of its standard error, where both programs tell their progress, and of its standard output. */
  onLine?: (line: string) => void
  /** Beside this process's own. */
  env?: Record<string, string>
  signal?: AbortSignal
}

/** More than a build of every image says, or any answer that is looked for. */
const limitBytes = 16 * 1024 * 1024

/** Starts a program that goes on. kind handles no signal, so a Ctrl-C that reached it would end it in the middle of a step. */
export function startTool(
  argv: readonly string[],
  options: Pick<ProcessOptions, 'keepsInputOpen'> = {},
): RunningProcess {
  return startProcess(argv, { ...options, env: buildEnvironment(), diesWithParent: true })
}

/** Runs a program to its end, whatever its exit code; throws when it did not start, took too long or was interrupted. */
export async function runTool(argv: readonly string[], options: ToolOptions): Promise<CommandResult> {
  const { env, ...rest } = options
  try {
    return await runCommand(argv, { ...rest, env: buildEnvironment(env), limitBytes, diesWithParent: true })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    if (error.kind === 'not-found' || error.kind === 'not-started') {
      const advice = 'nodrop doctor says how to get it.'
      throw new Fault('environment', `Cannot run ${argv[0] ?? ''}: this machine does not have it`, advice)
    }
    const [, ...rest] = error.message.split(' ')
    const last = getLastLines({ stdout: error.output, stderr: '' })
    throw new Fault('unknown', `${formatCommand(argv)} ${rest.join(' ')}: ${last}`)
  }
}

/** Docker's settings are the user's; the user's kubeconfig is none of kind's business. */
function buildEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: '/dev/null', KIND_EXPERIMENTAL_PROVIDER: 'docker', ...more }
}

/** Runs a program that must succeed; gives its standard output. */
export async function runToolOrThrow(argv: readonly string[], options: ToolOptions): Promise<string> {
  const result = await runTool(argv, options)
  if (result.exitCode === 0) return result.stdout
  throw new Fault('environment', `${formatCommand(argv)} failed: ${getLastLines(result)}`)
}

/** The last that it said, which is where programs tell what went wrong. */
export function getLastLines({ stdout, stderr }: Pick<CommandResult, 'stdout' | 'stderr'>, lines = 12): string {
  return (stderr.trim() || stdout.trim() || 'it said nothing').split('\n').slice(-lines).join('\n')
}

function formatCommand(argv: readonly string[]): string {
  return argv.slice(0, 3).join(' ')
}
