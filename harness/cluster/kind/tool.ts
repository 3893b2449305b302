/** Runs `kind` and `docker` to their end: bounded, line by line, out of reach of the terminal's Ctrl-C. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Fault } from '../../base/fault.ts'
import { killGroup } from '@nodrop/embedded-kubernetes/command'

export interface ToolResult {
  /** `null` when a signal ended it. */
  exitCode: number | null
  stdout: string
  stderr: string
}

export interface ToolOptions {
  limitMs: number
  /** Gets every line of its standard error, where both programs tell their progress, and of its standard output. */
  onLine?: (line: string) => void
  /** Beside this process's own. */
  env?: Record<string, string>
  signal?: AbortSignal
}

/** More than a build of every image says, or any answer that is looked for. */
const limitLength = 16 * 1024 * 1024

/**
 * Starts a program in a process group of its own: kind handles no signal, so a Ctrl-C that reached it would end it in the
 * middle of a step. On Linux the kernel ends it when this process dies.
 */
export function spawnTool(argv: readonly string[], more: Record<string, string> = {}): ChildProcess {
  const chain = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', ...argv] : [...argv]
  const [program = '', ...args] = chain
  // Docker's settings are the user's; the user's kubeconfig is none of kind's business.
  const env = { ...process.env, KUBECONFIG: '/dev/null', KIND_EXPERIMENTAL_PROVIDER: 'docker', ...more }
  return spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs a program to its end, whatever its exit code; throws when it did not start, took too long or was interrupted. */
export async function runTool(argv: readonly string[], options: ToolOptions): Promise<ToolResult> {
  const { limitMs, onLine = () => undefined, env, signal } = options
  signal?.throwIfAborted()
  const child = spawnTool(argv, env)
  const output = { stdout: '', stderr: '' }
  const verbose = new AbortController()
  for (const stream of ['stdout', 'stderr'] as const) {
    const input = child[stream]
    if (!input) continue
    createInterface({ input }).on('line', (line) => {
      output[stream] += `${line}\n`
      if (output[stream].length > limitLength) verbose.abort()
      onLine(line)
    })
  }
  const late = AbortSignal.timeout(limitMs)
  const given = AbortSignal.any([late, verbose.signal, ...(signal ? [signal] : [])])
  const killChild = (): void => killGroup(child)
  given.addEventListener('abort', killChild, { once: true })
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve)
    })
    signal?.throwIfAborted()
    if (verbose.signal.aborted)
      throw new Fault('unknown', `${formatCommand(argv)} said more than ${limitLength} characters`)
    if (late.aborted)
      throw new Fault(
        'unknown',
        `${formatCommand(argv)} had not ended after ${limitMs / 1000} s: ${getLastLines(output)}`,
      )
    // What setpriv answers when there is no such program.
    if (exitCode === 127) throw createNotFoundFault(argv)
    return { exitCode, ...output }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw createNotFoundFault(argv)
    throw error
  } finally {
    given.removeEventListener('abort', killChild)
  }
}

/** Runs a program that must succeed; gives its standard output. */
export async function runToolOrThrow(argv: readonly string[], options: ToolOptions): Promise<string> {
  const result = await runTool(argv, options)
  if (result.exitCode === 0) return result.stdout
  throw new Fault('environment', `${formatCommand(argv)} failed: ${getLastLines(result)}`)
}

/** The last that it said, which is where programs tell what went wrong. */
export function getLastLines({ stdout, stderr }: Pick<ToolResult, 'stdout' | 'stderr'>, lines = 12): string {
  return (stderr.trim() || stdout.trim() || 'it said nothing').split('\n').slice(-lines).join('\n')
}

function formatCommand(argv: readonly string[]): string {
  return argv.slice(0, 3).join(' ')
}

function createNotFoundFault(argv: readonly string[]): Fault {
  return new Fault(
    'environment',
    `Cannot run ${argv[0] ?? ''}: this machine does not have it`,
    'nodrop doctor says how to get it.',
  )
}
