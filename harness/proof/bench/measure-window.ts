/** The measured part of a load: started, warmed up, and not yet ending. */
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicUs } from '../../base/clock.ts'
import { waitFor } from '../../base/polling.ts'
import { readCpuTime, computeStolenShare } from '../../load/machine/cpu-time.ts'
import type { CpuTime } from '../../load/machine/cpu-time.ts'
import { readUsage } from './cores.ts'
import type { SchedulerUsage } from './cores.ts'
import type { BenchServer } from './server.ts'

/** The same for every client, by the server's count of requests and the scheduler's CPU time. */
export interface WindowResult {
  ratePerSecond: number
  /** CPU time of the client's process per request that the server received, µs. */
  cpuUs: number
  /** The share of time for which it was ready to run but others had its core: above 0 it disturbs all other figures. */
  disturbed: number
  /** The share of time for which its core was not there, because a hypervisor had given it to other machines. */
  stolen: number
  /** CPU time of the measuring process per request: the cost of keeping records if it does that, else almost nothing. */
  harnessUs: number
}

const startLimits = { limitMs: 15_000, intervalMs: 5 }

/** `before`: the server's count before the client began. */
export async function measureWindow(server: BenchServer, pid: number, options: WindowOptions): Promise<WindowResult> {
  const { core, before, warmMs, windowMs } = options
  await waitFor('the first request', startLimits, async () => (await server.received()) !== before)
  await sleep(warmMs)
  const from = await takeSample(server, pid, core)
  await sleep(windowMs)
  const to = await takeSample(server, pid, core)
  const requests = Math.max(1, to.received - from.received)
  return {
    ratePerSecond: (requests * 1e6) / (to.us - from.us),
    cpuUs: (to.client.cpuUs - from.client.cpuUs) / requests,
    disturbed: (to.client.waitUs - from.client.waitUs) / (to.us - from.us),
    stolen: from.core && to.core ? computeStolenShare(from.core, to.core) : 0,
    harnessUs: (to.harnessUs - from.harnessUs) / requests,
  }
}

export interface WindowOptions {
  /** The client's core. */
  core: number
  before: number
  warmMs: number
  windowMs: number
}

interface Sample {
  us: number
  received: number
  client: SchedulerUsage
  core: CpuTime | null
  harnessUs: number
}

async function takeSample(server: BenchServer, pid: number, core: number): Promise<Sample> {
  const received = await server.received()
  const { user, system } = process.cpuUsage()
  return { us: monotonicUs(), received, client: readUsage(pid), core: readCpuTime(core), harnessUs: user + system }
}
