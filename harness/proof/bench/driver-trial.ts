/** The driver against the same server, as in a run: a program of its own, its records polled and written to an event log. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { account } from '../../judge/facts/balance-ledger.ts'
import { gather } from '../../judge/facts/evidence.ts'
import { sendLagOf } from '../../judge/facts/lane-results.ts'
import { startClock } from '../../base/clock.ts'
import { DriverClient } from '../../load/client/driver-client.ts'
import { driverPlan } from '../../load/client/driver-plan.ts'
import type { DriverPlan } from '../../load/service/control-protocol.ts'
import { readLog } from '../../log/reader.ts'
import { openLog } from '../../log/writer.ts'
import type { LogRecord } from '../../model/record.ts'
import { startDriverProcess } from '../faults/stage-processes.ts'
import { workload } from './server.ts'
import { loadSeconds } from './client-trial.ts'
import type { Bench, Loop, Trial } from './client-trial.ts'
import { measure } from './measure-window.ts'

/**
 * `log`: as in a run. `discarded`: records are polled, and thrown away unread. `kept`: nobody asks for them before the load is over.
 * The differences are what each part costs.
 */
export type Records = 'log' | 'discarded' | 'kept'

export interface OwnTrial extends Trial {
  /** Of the closed log, bytes per request; `null` without one. */
  logBytes: number | null
}

export async function tryDriver(bench: Bench, driverFile: string, loop: Loop, records: Records): Promise<OwnTrial> {
  const { server, core } = bench
  const before = await server.received()
  await using driver = await startDriverProcess(driverFile, `${core}`)
  const clock = startClock()
  const client = new DriverClient(driver.transport, clock)
  const path = join(bench.directory, `${records}-${loop.ratePerSecond ?? 'closed'}.jsonl`)
  const log = openLog(path, clock)
  const write = (batch: LogRecord[]): void => {
    log.writeMany(batch)
    log.flush()
  }
  await client.start(planOf(bench, loop))
  // One request has asked whether the server can be reached at all.
  const reached = (await server.received()) - before
  const measuring = measure(server, driver.pid, { ...bench, before: before + reached })
  if (records === 'kept') await measuring
  let planned = 0
  for await (const batch of client.records()) {
    planned = batch.planned
    if (records !== 'discarded') write(batch.records.map((request) => ({ type: 'request', request })))
  }
  write([{ type: 'end', t: clock.now(), driver: 0, planned, lost: null }])
  await log.close()
  const measured = await measuring
  const received = (await server.received()) - before - reached
  const rest = { name: 'nodrop', ...measured, received, planned }
  if (records === 'discarded') return { ...rest, told: planned, failed: 0, lag: null, logBytes: null }
  return { ...rest, ...(await fromLog(path)) }
}

async function fromLog(path: string): Promise<Pick<OwnTrial, 'told' | 'failed' | 'lag' | 'logBytes'>> {
  const evidence = await gather(readLog(path))
  const { sent, lost } = account(evidence, 1).ledger
  return {
    told: sent,
    failed: lost,
    lag: sendLagOf(evidence),
    logBytes: statSync(`${path}.zst`).size / Math.max(1, sent),
  }
}

function planOf(bench: Bench, { connections, ratePerSecond }: Loop): DriverPlan {
  const shares = { fresh: 0, reused: 1, 'reused-post': 0 }
  const load = { ratePerSecond: ratePerSecond ?? 1, shares, workMs: 0, thinkMs: 0, timeoutMs: 5000 }
  const target = { host: '127.0.0.1', port: bench.server.port }
  const plan = driverPlan({ load, target, runToken: 'bench', workload, seed: 1 })
  const limitMs = loadSeconds(bench) * 1000
  return ratePerSecond === null
    ? { ...plan, clients: connections, maxIdle: connections, limitMs }
    : { ...plan, limitMs }
}
