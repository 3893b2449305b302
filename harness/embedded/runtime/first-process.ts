/** One container: its first process, its output, and its end. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicUs } from '../../base/clock.ts'
import { killGroup } from './command.ts'
import type { ProcessChain } from './process-chain.ts'
import type { FifoPool, Fifo } from './fifo.ts'
import { LineSplitter } from './line-splitter.ts'
import { RuntimeError } from './runtime.ts'
import type { ExitStatus, LogLine } from './runtime.ts'

export interface FirstProcess {
  /** Its number in the runtime's pid namespace. */
  readonly pid: number
  readonly startedAtUs: number
  readonly exited: Promise<ExitStatus>
  /** Whether `pid` is still this process. */
  isRunning(): boolean
}

export interface StartOptions {
  chain: ProcessChain
  /** Network namespace, as a path. */
  network: string
  fifos: FifoPool
  onLog: (line: LogLine) => void
  /** Time limit for executing the command; default: the kubelet's (runtimeRequestTimeout). */
  limitMs?: number
}

const requestTimeoutMs = 120_000

/** Maximum time to read written output after the end. */
const drainLimitMs = 1_000

/** Resolves once the container's command has been executed. Throws RuntimeError, with the text of a container runtime. */
export async function startFirstProcess(options: StartOptions): Promise<FirstProcess> {
  const { chain, network, fifos, onLog, limitMs = requestTimeoutMs } = options
  const pipes = { stdout: await fifos.take(), stderr: await fifos.take() }
  const lastErrors: string[] = []
  const keepLastLine = (line: LogLine) => {
    if (line.stream === 'stderr' && lastErrors.push(line.text) > 3) lastErrors.shift()
    onLog(line)
  }
  for (const stream of ['stdout', 'stderr'] as const) readLines(stream, pipes[stream], keepLastLine)
  const child = spawn('nsenter', [`--net=${network}`, ...chain.argv], {
    detached: true,
    env: chain.env,
    stdio: ['ignore', 'ignore', 'pipe', pipes.stdout.writer, pipes.stderr.writer],
  })
  for (const pipe of Object.values(pipes)) pipe.handedOver()
  const channel: SetupChannel = { output: '', child }
  const end = waitForEnd(channel, Object.values(pipes))
  const pid = await withinLimit(child, limitMs, async (late) => {
    const ready = await waitForReady(channel, end)
    await waitForExec(ready, chain, { end, late })
    return ready
  })
  if (end.status && isLaunchFailure(end.status, lastErrors)) {
    throw new RuntimeError('StartError', formatStartError(lastErrors.join('\n')))
  }
  return { pid, startedAtUs: monotonicUs(), exited: end.settled, isRunning: () => end.status === null }
}

/** Kills a start that takes too long: `unshare` ends together with all that it has started. Throws the kubelet's error. */
async function withinLimit<T>(
  child: ChildProcess,
  limitMs: number,
  start: (late: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.abort()
    killGroup(child)
    reject(new RuntimeError('CreateContainerError', 'context deadline exceeded'))
  }, limitMs)
  try {
    return await Promise.race([start(late.signal), promise])
  } finally {
    clearTimeout(timer)
  }
}

function readLines(stream: LogLine['stream'], { reader }: Fifo, onLine: (line: LogLine) => void): void {
  const cutter = new LineSplitter(stream, onLine)
  reader.on('data', (chunk: Buffer) => cutter.push(chunk))
  reader.on('end', () => cutter.end())
}

/** The output of container-setup.sh, and then of `unshare`, which alone keeps this descriptor. */
interface SetupChannel {
  output: string
  readonly child: ChildProcess
}

interface ProcessEnd {
  /** Set as soon as the process is known to have ended. */
  status: ExitStatus | null
  /** Resolves a little later, when all its output has been read. */
  settled: Promise<ExitStatus>
}

/** `unshare` ends like its child, and only after every process of the pid namespace has. */
function waitForEnd(channel: SetupChannel, pipes: Fifo[]): ProcessEnd {
  const { child } = channel
  const { promise, resolve } = Promise.withResolvers<ExitStatus>()
  const settled = promise.then(async () => {
    await Promise.all(pipes.map((pipe) => pipe.drained(drainLimitMs)))
    return (end.status = restoreKillSignal(end.status ?? failedStart, channel.output))
  })
  const end: ProcessEnd = { status: null, settled }
  child.once('exit', (code, signal) => {
    const exitCode = signal === null ? (code ?? 0) : 128 + constants.signals[signal]
    end.status = { exitCode, signal, atUs: monotonicUs() }
  })
  child.once('close', () => resolve(end.status ?? failedStart))
  child.once('error', () => resolve((end.status = failedStart)))
  return end
}

const failedStart: ExitStatus = { exitCode: 126, signal: null, atUs: 0 }

/**
 * `unshare` of util-linux 2.38 tries to end by its child's signal, which fails for KILL, for which the kernel allows no disposition: it
 * prints an error and exits with 1.
 */
function restoreKillSignal(status: ExitStatus, output: string): ExitStatus {
  if (status.exitCode !== 1 || !/^unshare: sigprocmask unblock failed/m.test(output)) return status
  return { ...status, exitCode: 128 + constants.signals.SIGKILL, signal: 'SIGKILL' }
}

/** Waits for `ready PID`; any other line is a reason and a message, or an error of an earlier program. */
async function waitForReady(channel: SetupChannel, end: ProcessEnd): Promise<number> {
  const { promise: ready, resolve } = Promise.withResolvers<number>()
  channel.child.stderr?.on('data', (chunk: Buffer) => {
    channel.output += chunk.toString()
    const found = /^ready (\d+)\n/.exec(channel.output)
    if (found) resolve(Number(found[1]))
  })
  const pid = await Promise.race([ready, end.settled.then(() => null)])
  if (pid !== null) return pid
  const [reason = '', ...message] = channel.output.trim().split('\n')
  if (reason === 'StartError') throw new RuntimeError('StartError', formatStartError(message.join('\n')))
  const why =
    reason === 'CreateContainerError' ? message.join('\n') : channel.output.trim() || 'no namespaces could be made'
  throw new RuntimeError('CreateContainerError', `failed to create containerd container: ${why}`)
}

/** After `ready` only a few exec calls of the launcher are left: less than 5 ms on an idle machine. */
async function waitForExec(
  pid: number,
  chain: ProcessChain,
  { end, late }: { end: ProcessEnd; late: AbortSignal },
): Promise<void> {
  while (!end.status && !late.aborted) {
    try {
      if (!chain.underWay(readFileSync(`/proc/${pid}/cmdline`, 'latin1'))) return
    } catch {
      // It has already ended, and its exit status is about to arrive.
      await end.settled
    }
    await sleep(1)
  }
}

/** The launcher's programs exit with 126 or 127 when they cannot execute the next one, and name it. */
function isLaunchFailure({ exitCode }: ExitStatus, lastErrors: readonly string[]): boolean {
  return (exitCode === 126 || exitCode === 127) && /^(env|setsid|setpriv|perl|unshare): /.test(lastErrors.at(-1) ?? '')
}

function formatStartError(message: string): string {
  const runc = 'OCI runtime create failed: runc create failed: unable to start container process'
  return `failed to create containerd task: failed to create shim task: ${runc}: ${message}: unknown`
}
