/** The two sides of a verification as separate processes: the fault server, and the driver as its pod runs it. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Fault } from '../../base/fault.ts'
import { resolveProgram } from '../../base/program-path.ts'
import type { DriverTransport } from '../../load/client/driver-client.ts'
import { createCredential } from '../../load/service/credential.ts'
import { createHttpTransport } from '../../load/client/http-transport.ts'
import type { FaultProcessOptions } from './fault-process.ts'

export interface FaultProcess {
  readonly port: number
  readonly child: ChildProcess
  /** Resolves when its log is complete. */
  end(): Promise<void>
}

const startLimitMs = 20_000
const endLimitMs = 10_000

export async function startFaultProcess(options: FaultProcessOptions): Promise<FaultProcess> {
  const program = resolveProgram(import.meta.dirname, 'fault-process')
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const port = Number(await waitForOutput(child, 'stdout', /^(\d+)$/m))
  return {
    port,
    child,
    async end() {
      // The program ends with its stdin.
      child.stdin?.end()
      await waitForExit(child)
      if (child.exitCode !== 0) throw new Fault('unknown', `The fault server ended with status ${child.exitCode}`)
    },
  }
}

export interface DriverProcess extends AsyncDisposable {
  readonly pid: number
  readonly transport: DriverTransport
}

/** `core`: the only core that it may use. */
export async function startDriverProcess(file: string, core?: string): Promise<DriverProcess> {
  const { headers, sha256 } = createCredential()
  const env = { PATH: process.env['PATH'], NODROP_DRIVER_PORT: '0', NODROP_DRIVER_TOKEN_SHA256: sha256 }
  const bound = core === undefined ? [] : ['taskset', '-c', core]
  const [program, ...args] = [...bound, process.execPath, file]
  const child = killOnExit(spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] }))
  const port = Number(await waitForOutput(child, 'stderr', /listening on port (\d+)/))
  const way = createHttpTransport(port, headers)
  return {
    pid: child.pid ?? 0,
    transport: way.transport,
    async [Symbol.asyncDispose]() {
      way[Symbol.dispose]()
      child.kill('SIGTERM')
      await waitForExit(child)
    },
  }
}

/** Resolves when it has ended as requested; kills it when that takes too long. */
async function waitForExit(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const timer = setTimeout(() => child.kill('SIGKILL'), endLimitMs)
  await once(child, 'exit')
  clearTimeout(timer)
}

/**
 * If this program ends in any way except by SIGKILL, the child ends too. For measured processes, in place of base/child-process.ts: in a
 * separate session the kernel may schedule it independently of this program (sched(7), autogroup).
 */
export function killOnExit<T extends ChildProcess>(child: T): T {
  const killChild = (): void => void child.kill('SIGKILL')
  process.once('exit', killChild)
  child.once('exit', () => process.off('exit', killChild))
  return child
}

/** The match of a pattern in the output of a process that becomes ready. */
async function waitForOutput(child: ChildProcess, stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => rejectStart(`it did not say that it is ready within ${startLimitMs} ms`),
      startLimitMs,
    )
    const rejectStart = (why: string): void => {
      clearTimeout(timer)
      reject(new Fault('unknown', `Cannot start ${child.spawnargs.join(' ')}: ${why} ${said}`))
    }
    child.once('error', (error) => rejectStart(error.message))
    child.once('exit', (code) => rejectStart(`it ended with status ${code}`))
    child[stream]?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = pattern.exec(said)?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
  })
}
