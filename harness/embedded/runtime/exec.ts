/** Runs a command beside a container's first process, as hooks and exec probes do. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import type { EnteringChain } from './process-chain.ts'
import type { FifoPool } from './fifo.ts'
import type { ExecResult } from './runtime.ts'

export interface ExecPlan {
  /** First process of the container, as the runtime sees it. */
  pid: number
  /** The programs between entering the container and the command. */
  launcher: EnteringChain
  argv: string[]
  fifos: FifoPool
  timeoutMs?: number
  signal?: AbortSignal
}

/** Maximum size of a command's kept output; the kubelet keeps 10 KiB of a probe's (`maxProbeMessageLength` and prober.go). */
const outputLimitBytes = 64 * 1024
const drainLimitMs = 100

export async function execInContainer(plan: ExecPlan): Promise<ExecResult> {
  const { pid, launcher, argv, fifos, timeoutMs, signal } = plan
  const pipe = await fifos.take()
  const chunks: Buffer[] = []
  let kept = 0
  pipe.reader.on('data', (chunk: Buffer) => {
    if (kept < outputLimitBytes) chunks.push(chunk.subarray(0, outputLimitBytes - kept))
    kept += chunk.length
  })
  const enter = ['--target', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid']
  const child = spawn('nsenter', [...enter, ...launcher.argv, ...argv], {
    detached: true,
    env: launcher.env,
    stdio: ['ignore', pipe.writer, pipe.writer],
  })
  pipe.handedOver()
  let timedOut = false
  const killChild = () => killEntered(child)
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => ((timedOut = true), killChild()), timeoutMs)
  signal?.addEventListener('abort', killChild, { once: true })
  if (signal?.aborted) killChild()
  const exitCode = await waitForExit(child)
  clearTimeout(timer)
  signal?.removeEventListener('abort', killChild)
  await pipe.drained(drainLimitMs)
  return createExecResult(exitCode, Buffer.concat(chunks).toString('utf8'), { command: argv[0] ?? '', timedOut })
}

function waitForExit(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(126))
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]))
  })
}

/** nsenter waits for a child, and only that is inside; without a child yet it is about to have one, so nsenter itself is killed. */
function killEntered(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
  for (const pid of children === '' ? [child.pid] : children.split(' ').map(Number)) process.kill(pid, 'SIGKILL')
}

/** The launcher's error, with the text of a container runtime. */
function createExecResult(exitCode: number, output: string, about: { command: string; timedOut: boolean }): ExecResult {
  const { command, timedOut } = about
  if ((exitCode !== 126 && exitCode !== 127) || !/^(env|setsid|setpriv|perl|nsenter): /.test(output)) {
    return { exitCode, output, timedOut }
  }
  const why = command.includes('/')
    ? `stat ${command}: no such file or directory`
    : 'executable file not found in $PATH'
  const reason = exitCode === 126 ? 'permission denied' : why
  const message = `OCI runtime exec failed: exec failed: unable to start container process: exec: "${command}": ${reason}: unknown`
  return { exitCode, output: message, timedOut }
}
