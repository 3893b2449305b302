/** A short load in this process, for tests: it does all that the plan says, without the control port. */
import type { RequestRecord } from '../../model/record.ts'
import { toRecords } from './request-row.ts'
import { createHttp1Transport } from '../http1/http1-connection.ts'
import { Driver } from './driver.ts'
import type { Engine } from './engine.ts'
import { createDriverPlan } from '../client/driver-plan.ts'
import type { DriverPlan } from '../service/control-protocol.ts'

/** 200 requests/s for half a second on new connections, to a port of this machine. */
export function createTrialPlan(port: number, changed: Partial<DriverPlan> = {}): DriverPlan {
  const shares = { fresh: 1, reused: 0, 'reused-post': 0 }
  const load = { ratePerSecond: 200, shares, workMs: 0, thinkMs: 0, timeoutMs: 2000 }
  const target = { host: '127.0.0.1', port }
  const plan = createDriverPlan({ load, target, runToken: 'trial', workload: 'workload', seed: 1 })
  return { ...plan, maxLagMs: 2000, limitMs: 500, ...changed }
}

export interface TrialLoad {
  driver: Driver
  /** Every record, once the load is over. */
  records: Promise<RequestRecord[]>
}

export function startTrialLoad(plan: DriverPlan, capacity = 100_000): TrialLoad {
  const driver = new Driver(plan, createHttp1Transport(plan), capacity)
  const records = new Promise<RequestRecord[]>((resolve) => {
    driver.onDone = () => resolve(readRecords(driver))
  })
  driver.start()
  return { driver, records }
}

export function readRecords({ accounting: { records } }: Pick<Engine, 'accounting'>): RequestRecord[] {
  return toRecords(records.slice(records.acknowledged, Number.MAX_SAFE_INTEGER), 0, 0)
}
