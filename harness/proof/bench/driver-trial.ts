/** The driver against the same server, as in a run: a separate program whose records are polled and written to an event log. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { balanceLedger } from '../../judge/facts/balance-ledger.ts'
import { collectEvidence } from '../../judge/facts/evidence.ts'
import { computeSendLag } from '../../judge/facts/lane-results.ts'
import { startClock } from '../../base/clock.ts'
import { DriverClient } from '../../load/client/driver-client.ts'
import { createDriverPlan } from '../../load/client/driver-plan.ts'
import type { DriverPlan } from '../../load/service/control-protocol.ts'
import { readLog } from '../../log/reader.ts'
import { openLog } from '../../log/writer.ts'
import type { LogRecord } from '../../model/record.ts'
import { startDriverProcess } from '../faults/stage-processes.ts'
import { workload } from './server.ts'
import { computeLoadSeconds } from './client-trial.ts'
import type { BenchSetting, Loop, Trial } from './client-trial.ts'
import { measureWindow } from './measure-window.ts'

/**
 * `log`: as in a run. `discarded`: records are polled and dropped unread. `kept`: records are not requested before the load is over. The
 * differences are the costs of each part.
 */
export type RecordUse = 'log' | 'discarded' | 'kept'

export interface OwnTrial extends Trial {
  /** Bytes per request in the closed log; `null` without one. */
  logBytes: number | null
}

export async function measureDriver(
  bench: BenchSetting,
  driverFile: string,
  loop: Loop,
  records: RecordUse,
): Promise<OwnTrial> {
  const { server, core } = bench
  const before = await server.received()
  await using driver = await startDriverProcess(driverFile, `${core}`)
  const clock = startClock()
  const client = new DriverClient(driver.transport, clock)
  const path = join(bench.directory, `${records}-${loop.ratePerSecond ?? 'closed'}.jsonl`)
  const log = openLog(path, clock)
  const writeRecords = (batch: LogRecord[]): void => {
    log.writeMany(batch)
    log.flush()
  }
  await client.prepareAndStart(createPlan(bench, loop))
  // One request checked whether the server can be reached at all.
  const reached = (await server.received()) - before
  const measuring = measureWindow(server, driver.pid, { ...bench, before: before + reached })
  if (records === 'kept') await measuring
  let planned = 0
  for await (const batch of client.records()) {
    planned = batch.planned
    if (records !== 'discarded') writeRecords(batch.records.map((request) => ({ type: 'request', request })))
  }
  writeRecords([{ type: 'end', t: clock.now(), driver: 0, planned, lost: null }])
  await log.close()
  const measured = await measuring
  const received = (await server.received()) - before - reached
  const rest = { name: 'nodrop', ...measured, received, planned }
  if (records === 'discarded') return { ...rest, told: planned, failed: 0, lag: null, logBytes: null }
  return { ...rest, ...(await readCounts(path)) }
}

async function readCounts(path: string): Promise<Pick<OwnTrial, 'told' | 'failed' | 'lag' | 'logBytes'>> {
  const evidence = await collectEvidence(readLog(path))
  const { sent, lost } = balanceLedger(evidence, { drivers: 1 }).ledger
  return {
    told: sent,
    failed: lost,
    lag: computeSendLag(evidence),
    logBytes: statSync(`${path}.zst`).size / Math.max(1, sent),
  }
}

function createPlan(bench: BenchSetting, { connections, ratePerSecond }: Loop): DriverPlan {
  const shares = { fresh: 0, reused: 1, 'reused-post': 0 }
  const load = { ratePerSecond: ratePerSecond ?? 1, shares, workMs: 0, thinkMs: 0, timeoutMs: 5000 }
  const target = { host: '127.0.0.1', port: bench.server.port }
  const plan = createDriverPlan({ load, target, runToken: 'bench', workload, seed: 1 })
  const limitMs = computeLoadSeconds(bench) * 1000
  return ratePerSecond === null
    ? { ...plan, clients: connections, maxIdle: connections, limitMs }
    : { ...plan, limitMs }
}
