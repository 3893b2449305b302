/** The user's command that disrupts the workload: it is run to its end, and its output is shown and kept. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { CommandError, runCommand } from '../../base/child-process.ts'
import type { CommandResult } from '../../base/child-process.ts'
import { writeDurably } from '../../base/files/durable-file.ts'
import { Fault } from '../../base/fault.ts'

export interface CommandOutput {
  /** The file that gets its standard output and error, in their order, when it has ended. */
  path: string
  show: (line: string) => void
}

export interface UserCommandOptions {
  /** After this time it is killed, with all processes that it has started. */
  limitMs: number
  output?: CommandOutput
  /** Added to this process's own environment. */
  commandEnv?: Readonly<Record<string, string>>
  signal: AbortSignal
}

const limitBytes = 16 * 1024 * 1024
/** For programs that have something to undo, such as kubectl and helm. */
const graceMs = 10_000

/** Throws a usage Fault where there is no such program, before any load is sent. */
export function rejectMissingProgram([program = '']: readonly string[]): void {
  const searched = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program))
  if ((program.includes('/') ? [program] : searched).some(isExecutable)) return
  throw new Fault('usage', `Cannot run ${program}: there is no such program`, 'Is it installed, and in the PATH?')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * Returns how it ended: `exit code 0 after 1.2 s`. Throws a Fault of the kind `unknown` where it could not be started, exits with another
 * code, or still runs at the limit.
 */
export async function runUserCommand(argv: readonly string[], options: UserCommandOptions): Promise<string> {
  const { limitMs, output, commandEnv = {}, signal } = options
  const env = { ...process.env, ...commandEnv }
  const lines: string[] = []
  const onLine = (line: string): void => {
    lines.push(`${line}\n`)
    output?.show(line)
  }
  const began = performance.now()
  try {
    const running = runCommand(argv, { env, limitMs, limitBytes, onLine, signal, graceMs, hidesArguments: true })
    const end = describeEnd(await running)
    const took = `after ${((performance.now() - began) / 1000).toFixed(1)} s`
    if (end !== 'exit code 0') throw new Fault('unknown', `The command ${argv[0]} failed: ${end} ${took}`)
    return `${end} ${took}`
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw new Fault('unknown', `The command did not run to its end: ${error.message}`, '', { cause: error })
  } finally {
    if (output) writeDurably(output.path, lines.join(''), 0o600)
  }
}

function describeEnd({ exitCode, signal }: CommandResult): string {
  return exitCode === null ? `ended by ${signal ?? 'a signal'}` : `exit code ${exitCode}`
}
