/** One load against a server with known faults, each in a separate process; the driver's records go into an event log. */
import { join } from 'node:path'
import { startClock } from '../../base/clock.ts'
import type { Clock } from '../../base/clock.ts'
import { DriverClient } from '../../load/client/driver-client.ts'
import { createDriverPlan } from '../../load/client/driver-plan.ts'
import type { DriverPlan } from '../../load/service/control-protocol.ts'
import { buildSchedule } from '../../model/load/schedule.ts'
import { openLog } from '../../log/writer.ts'
import type { LoadPlan } from '../../model/plan.ts'
import type { LogRecord } from '../../model/record.ts'
import type { FaultProcessOptions } from '../faults/fault-process.ts'
import { startDriverProcess, startFaultProcess } from '../faults/stage-processes.ts'
import type { FaultProcess } from '../faults/stage-processes.ts'

/** The settings of all stages of a verification. */
export interface StageSetting {
  seed: number
  /** The directory of both logs. */
  directory: string
  /** The bundled driver. */
  driverFile: string
  signal?: AbortSignal
}

export interface LoadOfStage {
  /** Also the workload that right answers name. */
  name: string
  requests: number
  load: LoadPlan
  /** The core that the driver is bound to; absent: any. */
  core?: string
  /** Differences from the plan of a run. */
  changed?: Partial<DriverPlan>
}

export interface StagePlan extends LoadOfStage {
  faults: FaultProcessOptions['faults']
  /** Called when the load has begun. */
  onBegun?: (server: FaultProcess) => void
}

export interface StageLogs {
  planned: number
  /** CLOCK_MONOTONIC at 0 of the driver's records, in µs. */
  originUs: number
  /** Limit for a response's headers, and again for its body. */
  timeoutUs: number
  /** Paths of the server's log and of the event log. */
  truth: string
  log: string
}

/** The driver's records are acknowledged once they are in the log; in larger batches than over a pod proxy. */
const batch = 2000

/** Resolves when both logs are closed. */
export async function runStage(setting: StageSetting, plan: StagePlan): Promise<StageLogs> {
  const { name, faults } = plan
  const truth = join(setting.directory, `${name}.truth`)
  const log = join(setting.directory, `${name}.jsonl`)
  const server = await startFaultProcess({ log: truth, faults, workload: name })
  try {
    const clock = startClock()
    const planned = await runLoad({ ...setting, clock, log }, plan, server)
    return { planned, originUs: clock.originUs, timeoutUs: plan.load.timeoutMs * 1000, truth, log }
  } finally {
    await server.end()
  }
}

/** Writes the driver's records to the log; resolves with the number of planned requests when it is closed. */
export async function runLoad<S extends { readonly port: number }>(
  setting: StageSetting & { clock: Clock; log: string },
  plan: LoadOfStage & { onBegun?: (server: S) => void },
  server: S,
): Promise<number> {
  const { signal, clock } = setting
  await using driver = await startDriverProcess(setting.driverFile, plan.core)
  const client = new DriverClient(driver.transport, clock, { batch })
  const log = openLog(setting.log, clock)
  const write = (records: LogRecord[]): void => {
    log.writeMany(records)
    log.flush()
  }
  let planned = 0
  try {
    write([{ type: 'begin', t: 0, schema: 1, runId: plan.name, planDigest: null, wallClock: new Date().toISOString() }])
    await client.prepareAndStart(createStageDriverPlan(plan, setting.seed, server.port), signal)
    plan.onBegun?.(server)
    for await (const batch of client.records(signal)) {
      planned = batch.planned
      const { records, health } = batch
      const requests: LogRecord[] = records.map((request) => ({ type: 'request', request }))
      write([...requests, { type: 'driver', t: clock.now(), driver: 0, health }])
    }
    write([{ type: 'end', t: clock.now(), driver: 0, planned, lost: null }])
  } finally {
    await log.close()
  }
  return planned
}

function createStageDriverPlan({ name, load, requests, changed }: LoadOfStage, seed: number, port: number): DriverPlan {
  const target = { host: '127.0.0.1', port }
  const plan = { ...createDriverPlan({ load, target, runToken: name, workload: name, seed }), ...changed }
  // The load ends half a µs after its last request is due.
  return { ...plan, limitMs: (buildSchedule(plan).dueUs(requests - 1) + 0.5) / 1000 }
}

/** For stages that do not test the driver's speed: late requests are sent. */
export const unboundedLag: Partial<DriverPlan> = { maxLagMs: 60_000 }

/** Long enough that the server of a busy machine is rarely taken for a stalled one. */
const timeoutMs = 1500

export function createLoad(ratePerSecond: number, shares: [fresh: number, reused: number, post: number]): LoadPlan {
  const [fresh, reused, post] = shares
  return { ratePerSecond, shares: { fresh, reused, 'reused-post': post }, workMs: 0, thinkMs: 5, timeoutMs }
}
