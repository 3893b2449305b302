/** The command of a user's that disrupts the workload: run to its end, its output shown and kept. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { CommandError, runCommand } from '../../base/child-process.ts'
import type { CommandResult } from '../../base/child-process.ts'
import { writeDurably } from '../../base/files/durable-file.ts'
import { Fault } from '../../base/fault.ts'

export interface CommandOutput {
  /** Gets its standard output and error when it has ended, as they came. */
  path: string
  show: (line: string) => void
}

export interface UserCommandOptions {
  /** From here on it is killed, with all that it has started. */
  limitMs: number
  output?: CommandOutput
  /** Beside this process's own environment. */
  commandEnv?: Readonly<Record<string, string>>
  signal: AbortSignal
}

const limitBytes = 16 * 1024 * 1024
/** For a program that has something to undo: kubectl, helm. */
const graceMs = 10_000

/** Throws a usage Fault where there is no such program: before any load is sent for it. */
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
 * Gives how it ended: `exit code 0 after 1.2 s`. Throws a Fault of the kind `unknown` where it could not be started, exits with another
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
