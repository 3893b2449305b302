/** The story of a bench: one client after another against the same server, then the event log on its own. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleDriver } from '../../load/service/bundle.ts'
import { benchClients } from './clients.ts'
import type { Cores } from './cores.ts'
import { pinSelf } from './cores.ts'
import { measureLog } from './log-trial.ts'
import type { LogTrial } from './log-trial.ts'
import { measureDriver } from './driver-trial.ts'
import type { OwnTrial } from './driver-trial.ts'
import { startServer } from './server.ts'
import { measureClient } from './client-trial.ts'
import type { BenchSetting, Loop, Trial } from './client-trial.ts'
import { mergeTurns } from './merge-turns.ts'

export interface BenchOptions {
  cores: Cores
  /** Where everything that is written goes. */
  directory: string
  /** How long each client is measured. */
  windowMs: number
  /** Each loop is driven so many times by every client, in turn. */
  turns: number
  /** Records of the event log's trial, and of the smaller one whose log sums most of them up. */
  requests: number
  aggregated: number
  /** Clients to leave out all others; the driver is always there. */
  only: readonly string[] | null
  onProgress: (line: string) => void
}

/** One loop: the driver, what it costs without one part or another, and the other clients that know such a loop. */
export interface LoopResult {
  loop: Loop
  driver: OwnTrial
  discarded: OwnTrial
  kept: OwnTrial | null
  others: Trial[]
}

export interface BenchResult {
  loops: LoopResult[]
  log: LogTrial
  aggregated: LogTrial
  /** `growth` times as many requests, no more of them one by one, and no more of them lost: the lost are never summed up. */
  aggregatedMore: LogTrial
  /** As many as that, and as large a share of them lost. */
  aggregatedMoreLost: LogTrial
}

/** So many times the requests show whether memory follows their number. */
export const growth = 5
const lostEvery = 1000

const connections = 64
export const loops: readonly Loop[] = [null, 2000, 10_000].map((ratePerSecond) => ({ connections, ratePerSecond }))

export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const { cores, directory, windowMs, requests, aggregated, onProgress } = options
  const driverFile = join(directory, 'driver.mjs')
  writeFileSync(driverFile, await bundleDriver())
  pinSelf(cores.server)
  const results: LoopResult[] = []
  {
    await using server = await startServer(directory, cores.server)
    const setting = { server, core: cores.client, directory, warmMs: Math.min(1000, windowMs), windowMs }
    for (const loop of loops) results.push(await benchLoop({ ...options, setting, driverFile }, loop))
  }
  onProgress(`the event log, ${requests} requests`)
  const log = await measureLog(directory, { requests, fullRecords: null, lostEvery })
  const fullRecords = Math.ceil(aggregated / 10)
  const tryAggregated = (times: number, rarer: number): Promise<LogTrial> => {
    const size = { requests: times * aggregated, fullRecords, lostEvery: rarer * lostEvery }
    onProgress(`the event log, ${size.requests} requests, all but ${fullRecords} of them aggregated`)
    return measureLog(directory, size)
  }
  return {
    loops: results,
    log,
    aggregated: await tryAggregated(1, 1),
    aggregatedMore: await tryAggregated(growth, growth),
    aggregatedMoreLost: await tryAggregated(growth, 1),
  }
}

/** Clients take turns, so that all of them meet the machine while it is faster and while it is slower. */
async function benchLoop(
  { setting, driverFile, only, turns, onProgress }: BenchOptions & { setting: BenchSetting; driverFile: string },
  loop: Loop,
): Promise<LoopResult> {
  const name = loop.ratePerSecond === null ? 'closed loop' : `${loop.ratePerSecond}/s`
  const chosen = benchClients.filter((one) => only === null || only.includes(one.name))
  const drivers: OwnTrial[] = []
  const others = new Map<string, Trial[]>()
  for (let turn = 1; turn <= turns; turn++) {
    onProgress(`${name}, turn ${turn} of ${turns}: nodrop`)
    drivers.push(await measureDriver(setting, driverFile, loop, 'log'))
    for (const one of chosen) {
      onProgress(`${name}, turn ${turn} of ${turns}: ${one.name}`)
      const trial = await measureClient(setting, one, loop)
      if (trial !== null) others.set(one.name, [...(others.get(one.name) ?? []), trial])
    }
  }
  onProgress(`${name}: nodrop's parts`)
  const discarded = await measureDriver(setting, driverFile, loop, 'discarded')
  // What nobody asks for must fit into the driver's memory: as much as a closed loop gives would not.
  const kept = loop.ratePerSecond === null ? null : await measureDriver(setting, driverFile, loop, 'kept')
  return { loop, driver: mergeTurns(drivers), discarded, kept, others: [...others.values()].map(mergeTurns) }
}
