/** Runs `kind` and `docker` to their ends: with a time limit, line by line, and unaffected by Ctrl-C in the terminal. */
import { CommandError, runCommand, startProcess } from '../../base/child-process.ts'
import type { CommandResult, ProcessOptions, RunningProcess } from '../../base/child-process.ts'
import { Fault } from '../../base/fault.ts'

export interface ToolOptions {
  limitMs: number
  /** Gets every line of its standard error, which both programs use for progress, and of its standard output. */
  onLine?: (line: string) => void
  /** Added to this process's own. */
  env?: Record<string, string>
  signal?: AbortSignal
}

/** More than the output of a build of all images, or any other expected output. */
const limitBytes = 16 * 1024 * 1024

/** Starts a program that keeps running. kind handles no signal, so a Ctrl-C would end it in the middle of a step. */
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

/** Docker uses the user's settings; kind must not use the user's kubeconfig. */
function buildEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: '/dev/null', KIND_EXPERIMENTAL_PROVIDER: 'docker', ...more }
}

/** Runs a program that must succeed; returns its standard output. */
export async function runToolOrThrow(argv: readonly string[], options: ToolOptions): Promise<string> {
  const result = await runTool(argv, options)
  if (result.exitCode === 0) return result.stdout
  throw new Fault('environment', `${formatCommand(argv)} failed: ${getLastLines(result)}`)
}

/** Its last output lines, which usually contain the error. */
export function getLastLines({ stdout, stderr }: Pick<CommandResult, 'stdout' | 'stderr'>, lines = 12): string {
  return (stderr.trim() || stdout.trim() || 'it said nothing').split('\n').slice(-lines).join('\n')
}

function formatCommand(argv: readonly string[]): string {
  return argv.slice(0, 3).join(' ')
}
