/** The sequence of a bench: one client after another against the same server, then the event log on its own. */
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
  /** The directory of everything that is written. */
  directory: string
  /** How long each client is measured. */
  windowMs: number
  /** How often every client drives each loop, in turn. */
  turns: number
  /** Number of records for the trial of the event log, and for the smaller one whose log only counts most of them. */
  requests: number
  aggregated: number
  /** The only other clients to run; the driver always runs. */
  only: readonly string[] | null
  onProgress: (line: string) => void
}

/** One loop: the driver, with and without some of its parts, and the other clients with such a loop. */
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
  /** `growth` times as many requests, but not more of them as records and not more of them lost: lost ones are never summed up. */
  aggregatedMore: LogTrial
  /** The same number of requests, with the same share of them lost. */
  aggregatedMoreLost: LogTrial
}

/** The factor in the number of requests that shows whether memory grows with it. */
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

/** Clients take turns, so that all of them run while the machine is faster and while it is slower. */
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
  // Records that are not requested must fit into the driver's memory, which those of a closed loop would not.
  const kept = loop.ratePerSecond === null ? null : await measureDriver(setting, driverFile, loop, 'kept')
  return { loop, driver: mergeTurns(drivers), discarded, kept, others: [...others.values()].map(mergeTurns) }
}
