/**
 * Runs one of the machine's own programs to its end, with limits of time and output, and ends all that it has started. It does not use
 * base/child-process.ts: a pod takes several of these, and there each costs twice the CPU time.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/** The directories of the machine's administration programs; an unprivileged user's PATH often lacks the sbin ones. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface CommandResult {
  /** 128 + signal number when a signal ended it. */
  exitCode: number
  stdout: string
  stderr: string
}

export interface CommandOptions {
  /** Written to its standard input. */
  input?: string
  /** Default: the system's own PATH and no language. */
  env?: NodeJS.ProcessEnv
  /** Default: 60 s. */
  limitMs?: number
  /** Maximum size of standard output and standard error together; default: 4 MiB. */
  limitBytes?: number
}

const usualLimits = { ms: 60_000, bytes: 4 * 1024 * 1024 }

/**
 * Runs `argv` to its end, whatever its exit code. Throws when it could not be started, and when it and its process group were killed
 * because it exceeded its limit of time or of output.
 */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = '', ...args] = argv
  const { input = '', env = { PATH: systemPath, LC_ALL: 'C' } } = options
  const { limitMs = usualLimits.ms, limitBytes = usualLimits.bytes } = options
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: 'pipe', detached: true })
    const output = { stdout: '', stderr: '' }
    let bytes = 0
    const abortCommand = (why: string): void => {
      killGroup(child)
      // Processes that have left the group may hold the other ends.
      for (const stream of child.stdio) stream?.destroy()
      reject(new Error(`Ended ${program} and what it had started: ${why}`))
    }
    const timer = setTimeout(() => abortCommand(`it had not ended after ${limitMs / 1000} s`), limitMs)
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text
        if ((bytes += text.length) > limitBytes) abortCommand(`it wrote more than ${limitBytes} bytes`)
      })
    }
    // If a program ends without reading its input, its exit code is reported instead of EPIPE.
    child.stdin.on('error', () => undefined).end(input)
    child.on('error', (error) => reject(new Error(`Cannot run ${program}: ${error.message}`, { cause: error })))
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ exitCode: code ?? 137, ...output })
    })
  })
}

/** Kills a child that leads a process group (`detached`), and all that it has started there. */
export function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Runs `argv` and returns its standard output; throws with its error output when it fails. */
export async function runChecked(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand(argv, options)
  if (exitCode === 0) return stdout
  const said = (stderr || stdout).trim() || 'it said nothing'
  throw new Error(`${argv.slice(0, 3).join(' ')} … failed with exit code ${exitCode}: ${said}`)
}
