/** One client against the server: the cost of a request, and whether its numbers and the server's agree. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { Fault } from '../../base/fault.ts'
import type { Quantiles } from '../../model/result.ts'
import { killOnExit } from '../faults/stage-processes.ts'
import type { BenchClient, ClientReport } from './clients.ts'
import { pinCommand } from './cores.ts'
import type { BenchServer } from './server.ts'
import { measureWindow } from './measure-window.ts'
import type { WindowResult } from './measure-window.ts'

/** The settings of all trials. */
export interface BenchSetting {
  server: BenchServer
  core: number
  directory: string
  warmMs: number
  windowMs: number
}

export interface Loop {
  connections: number
  /** `null` for a closed loop. */
  ratePerSecond: number | null
}

export interface Trial extends WindowResult {
  name: string
  /** Number of its own requests that it reports, over the whole load. */
  told: number
  /** Number of requests that the server received, over the whole load. */
  received: number
  failed: number
  /** Send lag, for clients that report when each request was due. */
  lag: Quantiles | null
  /** Number of requests that were due. */
  planned: number | null
}

/** The load lasts longer than its measured part, so that no tool is already ending then. */
export function computeLoadSeconds({ warmMs, windowMs }: BenchSetting): number {
  return Math.ceil((warmMs + windowMs) / 1000 + 0.5)
}

/** `null` when the tool is not installed or has no such loop. */
export async function measureClient(bench: BenchSetting, one: BenchClient, loop: Loop): Promise<Trial | null> {
  const { server, directory, core } = bench
  const seconds = computeLoadSeconds(bench)
  const command = one.command({ url: server.url, seconds, directory, ...loop })
  if (command === null) return null
  const before = await server.received()
  const [program, ...args] = pinCommand(core, ...command)
  const bounded = { timeout: (seconds + 60) * 1000, killSignal: 'SIGKILL' } as const
  const child = killOnExit(spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], ...bounded }))
  const ended = once(child, 'exit')
  const output = text(child.stdout)
  try {
    const measured = await measureWindow(server, child.pid ?? 0, { ...bench, before })
    await ended
    const said = parseOutput(one, await output)
    const planned = loop.ratePerSecond === null ? null : loop.ratePerSecond * seconds
    const told = said.ok + said.failed
    const received = (await server.received()) - before
    return { name: one.name, ...measured, told, received, failed: said.failed, lag: said.lag ?? null, planned }
  } finally {
    child.kill('SIGKILL')
  }
}

function parseOutput({ name, parse }: BenchClient, output: string): ClientReport {
  try {
    return parse(output)
  } catch (error) {
    throw new Fault('unknown', `Cannot understand what ${name} printed: ${output.slice(0, 200)}`, '', { cause: error })
  }
}
