/** Programs that nodrop runs on this machine: traced, limited in time and output, and ended with all processes that they have started. */
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { traceProcess } from './tracing.ts'
import type { ProcessTraceOptions } from './tracing.ts'

export interface ProcessOptions extends ProcessTraceOptions {
  /** The complete environment; default: this process's own. */
  env?: NodeJS.ProcessEnv
  /** Its standard input stays open, and empty, while this process lives; default: it has none. */
  keepsInputOpen?: boolean
  /** If the machine has setpriv, the kernel kills it when this process ends in any way (PR_SET_PDEATHSIG). */
  diesWithParent?: boolean
}

export interface CommandOptions extends ProcessOptions {
  /** Its standard input; default: empty. */
  input?: string
  /** Time limit in ms; default: 60,000. */
  limitMs?: number
  /** Maximum size of its standard output, and of its standard error; default: 4 MiB. */
  limitBytes?: number
  /** Gets every line of both. */
  onLine?: (line: string) => void
  signal?: AbortSignal
  /** Time in ms from TERM to KILL when it is ended early; default: KILL at once. */
  graceMs?: number
}

export interface CommandResult {
  /** `null` when a signal ended it. */
  exitCode: number | null
  /** The signal that ended it. */
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** A program that did not run to its end. */
export class CommandError extends Error {
  readonly kind: 'not-found' | 'not-started' | 'timed-out' | 'too-much-output'
  /** The end of its output. */
  readonly output: string

  constructor(kind: CommandError['kind'], message: string, output = '', options?: ErrorOptions) {
    super(message, options)
    this.name = 'CommandError'
    this.kind = kind
    this.output = output
  }
}

export interface RunningProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined
  readonly stdout: ChildProcess['stdout']
  readonly stderr: ChildProcess['stderr']
  /** Never rejects; `null` when a signal ended it, or when it could not be started. */
  readonly exited: Promise<number | null>
  /** Sends a signal to it and its process group; default: SIGKILL. */
  kill(signal?: NodeJS.Signals): void
}

const defaults = { limitMs: 60_000, limitBytes: 4 * 1024 * 1024 }
const setpriv = '/usr/bin/setpriv'
/** The exit code of setpriv when there is no such program. */
const notFoundCode = 127

/**
 * Runs `argv` to its end, whatever its exit code. It has no terminal, and leads a process group, so that Ctrl-C does not reach it. Rejects
 * with the signal's reason, and with a CommandError when it could not be started, or was killed with its group because it exceeded its time
 * or output limit. If this process exits meanwhile, its group is killed.
 */
export async function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const {
    input = '',
    limitMs = defaults.limitMs,
    limitBytes = defaults.limitBytes,
    onLine,
    signal,
    graceMs = 0,
  } = options
  signal?.throwIfAborted()
  const child = spawn(argv, options, { input, maxBuffer: limitBytes })
  let killing: NodeJS.Timeout | undefined
  const stop = (): void => {
    if (graceMs === 0) return kill()
    killGroup(child.pid, 'SIGTERM')
    killing = setTimeout(kill, graceMs)
  }
  const kill = (): void => {
    killGroup(child.pid)
    // Processes that have left the group may hold the other ends.
    for (const stream of child.stdio) stream?.destroy()
  }
  const limit = AbortSignal.timeout(limitMs)
  const stopped = signal ? AbortSignal.any([signal, limit]) : limit
  stopped.addEventListener('abort', stop, { once: true })
  if (onLine) for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine)
  const release = killOnExit(child.pid)
  const { exitCode = null, signal: endedBy = null, stdout, stderr, code, isMaxBuffer, cause } = await child
  release()
  stopped.removeEventListener('abort', stop)
  clearTimeout(killing)
  // Processes that it has started may still run.
  if (stopped.aborted) killGroup(child.pid)
  signal?.throwIfAborted()
  const output = stderr.trim() || stdout.trim()
  const [program = ''] = argv
  if (limit.aborted) throw new CommandError('timed-out', `${program} had not ended after ${limitMs / 1000} s`, output)
  if (isMaxBuffer) {
    kill()
    throw new CommandError('too-much-output', `${program} wrote more than ${limitBytes} bytes`, output)
  }
  if (code === 'ENOENT' || (options.diesWithParent === true && exitCode === notFoundCode)) {
    throw new CommandError('not-found', `Cannot run ${program}: there is no such program`, output, { cause })
  }
  if (code !== undefined && child.pid === undefined) {
    throw new CommandError('not-started', `Cannot run ${program}: ${code}`, output, { cause })
  }
  return { exitCode, signal: endedBy, stdout, stderr }
}

/**
 * Starts a process that runs until it ends or is killed. Read its standard output and error at once: execa drops output that is unread in
 * the next turn of the event loop.
 */
export function startProcess(argv: readonly string[], options: ProcessOptions = {}): RunningProcess {
  const child = spawn(argv, options, { buffer: false })
  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    exited: child.then(({ exitCode = null }) => exitCode),
    kill: (signal) => killGroup(child.pid, signal),
  }
}

/** Adds what execa lacks: killing process groups, and telling the kernel to. */
function spawn(
  argv: readonly string[],
  { env = process.env, diesWithParent = false, hidesArguments = false, keepsInputOpen = false }: ProcessOptions,
  io: { input?: string; maxBuffer?: number; buffer?: boolean },
) {
  const chain = diesWithParent && existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', ...argv] : argv
  const [program = '', ...args] = chain
  const endTrace = traceProcess(argv, { hidesArguments })
  const child = execa(program, args, {
    stdin: io.input === undefined && !keepsInputOpen ? 'ignore' : 'pipe',
    env,
    extendEnv: false,
    detached: true,
    cleanup: false,
    reject: false,
    stripFinalNewline: false,
    killSignal: 'SIGKILL',
    ...io,
  })
  void child.then(({ exitCode, signal, code }) => endTrace(exitCode ?? signal ?? code ?? 'not started'))
  return child
}

/** Leaders of the groups of running commands. */
const underWay = new Set<number>()
const killUnderWay = (): void => underWay.forEach((pid) => killGroup(pid))

/** Until the returned function is called. Has no effect if this process is killed. */
function killOnExit(pid: number | undefined): () => void {
  if (pid === undefined) return () => undefined
  if (underWay.size === 0) process.on('exit', killUnderWay)
  underWay.add(pid)
  return () => {
    underWay.delete(pid)
    if (underWay.size === 0) process.off('exit', killUnderWay)
  }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended by itself.
  }
}
