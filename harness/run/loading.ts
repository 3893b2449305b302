/** The load of one run: it continues by itself, with every record written to the log at once, until it is stopped. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../base/clock.ts'
import { Fault, getErrorMessage } from '../base/fault.ts'
import { DriverClient } from '../load/client/driver-client.ts'
import type { DriverBatch, DriverTransport } from '../load/client/driver-client.ts'
import { createDriverPlan } from '../load/client/driver-plan.ts'
import type { DriverPlan } from '../load/service/control-protocol.ts'
import { buildSchedule } from '../model/load/schedule.ts'
import type { RunPlan } from '../model/plan.ts'
import type { LogRecord, RequestRecord } from '../model/record.ts'

export { createCredential as newCredential } from '../load/service/credential.ts'
export type { DriverCredential } from '../load/service/credential.ts'

export interface LoadingOptions {
  /** One transport for each driver. */
  transports: DriverTransport[]
  clock: Clock
  plan: RunPlan
  entrance: Pick<DriverPlan, 'target' | 'authority'>
  /** The target of the lane `control`, and how it identifies itself. */
  control: DriverPlan['control']
  /** Must have the records on disk when it returns: the next batch acknowledges them. */
  write: (records: LogRecord[]) => void
  /** Cancels the start of the load; from then on `stop` ends it. */
  signal?: AbortSignal
  /** The load ends after this time even if the harness does nothing; default: an hour. */
  limitMs?: number
}

export interface Loading {
  /** When the workload's latest loss so far settled, in µs of the run's clock; -Infinity without one. */
  readonly lastLossUs: number
  /** Aborts with the reason when a driver is lost. */
  readonly failed: AbortSignal
  /** Resolves when every request has settled and is in the log. May be called twice. */
  stop(): Promise<void>
}

/** How far ahead an instant for all drivers is chosen: each must have got the message by then. */
const leadTimeUs = 100_000
/** Added to the time limit of the last request, for a slow connection and records that were not fetched yet. */
const overdueMs = 120_000
const overdue = `it was still at work ${overdueMs / 1000} s after its last request should have ended`

/** Resolves when the first request is due. */
export async function startLoading(options: LoadingOptions): Promise<Loading> {
  const { transports, clock } = options
  const drivers = await Promise.all(transports.map((transport, driver) => prepareDriver(transport, driver, options)))
  const originUs = clock.now() + leadTimeUs
  await Promise.all(drivers.map(({ client }) => client.start(originUs)))
  await sleep(Math.max(0, (originUs - clock.now()) / 1000))
  return new DriverFleet(drivers, originUs, options)
}

interface PreparedDriver {
  plan: DriverPlan
  client: DriverClient
}

async function prepareDriver(
  transport: DriverTransport,
  driver: number,
  options: LoadingOptions,
): Promise<PreparedDriver> {
  const { clock, entrance, control, transports, write } = options
  const { scenario, workload, runId, seed } = options.plan
  const client = new DriverClient(transport, clock)
  const offset = await client.alignClock()
  write([{ type: 'clock', t: clock.now(), driver, ...offset }])
  const plan = createDriverPlan({
    load: scenario.load,
    ...entrance,
    control,
    runToken: runId,
    workload: runId,
    path: workload.path,
    identification: workload.identification,
    seed,
    driver,
    drivers: transports.length,
    ...(options.limitMs !== undefined && { limitMs: options.limitMs }),
  })
  await client.prepare(plan, options.signal)
  return { plan, client }
}

interface ActiveDriver extends PreparedDriver {
  records: AsyncGenerator<DriverBatch, void, undefined>
  /** The number of instants of its share that it has settled or planned, as far as is known. */
  planned: number
}

class DriverFleet implements Loading {
  lastLossUs = -Infinity
  readonly #failure = new AbortController()
  readonly #options: LoadingOptions
  readonly #originUs: number
  readonly #working: ActiveDriver[]
  readonly #lost: { driver: ActiveDriver; why: string }[] = []
  readonly #pumping: Promise<void>
  /** When the load ends, in µs after the origin. */
  #endUs: number | null = null
  #stopped: Promise<void> | null = null

  constructor(drivers: PreparedDriver[], originUs: number, options: LoadingOptions) {
    this.#options = options
    this.#originUs = originUs
    this.#working = drivers.map((driver) => ({ ...driver, records: driver.client.records(), planned: 0 }))
    this.#pumping = this.#pump()
    this.#pumping.catch((error: unknown) => this.#failure.abort(error))
  }

  get failed(): AbortSignal {
    return this.#failure.signal
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    const endUs = this.#sinceOrigin() + leadTimeUs
    this.#endUs ??= endUs
    // A driver that cannot be told counts as lost; the pump notices that itself.
    await Promise.allSettled(this.#working.map(({ client }) => client.stop(endUs)))
    await this.#pumping
  }

  #sinceOrigin(): number {
    return Math.max(0, this.#options.clock.now() - this.#originUs)
  }

  /**
   * Works in rounds: takes one batch from each driver that still works and merges their requests by due time. A request that takes long is
   * written in a later round than its due time, so that the log has everything as soon as it is known.
   */
  async #pump(): Promise<void> {
    while (this.#working.length > 0) {
      const round = [...this.#working]
      if (this.#isOverdue()) {
        for (const driver of round) this.#lose(driver, new Fault('unknown', overdue))
        break
      }
      const batches = await Promise.allSettled(round.map(({ records }) => records.next()))
      const requests: RequestRecord[] = []
      const others: LogRecord[] = []
      for (const [place, driver] of round.entries()) {
        const batch = batches[place]
        if (batch?.status === 'rejected') this.#lose(driver, batch.reason)
        else if (batch?.value.value) this.#take(driver, batch.value.value, requests, others)
      }
      requests.sort((a, b) => a.dueUs - b.dueUs || a.driver - b.driver || a.seq - b.seq)
      this.#options.write([...requests.map((request): LogRecord => ({ type: 'request', request })), ...others])
    }
    this.#tellLost()
  }

  /** Every request has a time limit: a driver that runs for longer will never be done. */
  #isOverdue(): boolean {
    const { timeoutMs } = this.#options.plan.scenario.load
    return this.#endUs !== null && this.#sinceOrigin() > this.#endUs + (timeoutMs + overdueMs) * 1000
  }

  // oxlint-disable-next-line max-params -- what a round has found so far goes through it
  #take(driver: ActiveDriver, batch: DriverBatch, requests: RequestRecord[], others: LogRecord[]): void {
    const { records, planned, done, health, aligned } = batch
    const { driver: number } = driver.plan
    const t = this.#options.clock.now()
    for (const request of records) {
      requests.push(request)
      const { lane, outcome, sentUs, settledUs } = request
      if (lane === 'control' || outcome === 'ok' || sentUs === null) continue
      this.lastLossUs = Math.max(this.lastLossUs, settledUs)
    }
    driver.planned = planned
    if (aligned !== null) others.push({ type: 'clock', t, driver: number, ...aligned })
    others.push({ type: 'driver', t, driver: number, health })
    if (!done) return
    others.push({ type: 'end', t, driver: number, planned, lost: null })
    this.#retire(driver)
  }

  #retire(driver: ActiveDriver): void {
    this.#working.splice(this.#working.indexOf(driver), 1)
  }

  #lose(driver: ActiveDriver, error: unknown): void {
    const { driver: number, drivers } = driver.plan
    const who = drivers === 1 ? 'the load driver' : `load driver ${number + 1} of ${drivers}`
    const why = `${who} was lost: ${getErrorMessage(error)}`
    this.#lost.push({ driver, why })
    this.#retire(driver)
    this.#failure.abort(new Fault('unknown', why, '', { cause: error }))
  }

  /** Reports how many requests were due of lost drivers: by the schedule, in a closed loop by their last report. */
  #tellLost(): void {
    const endUs = this.#endUs ?? this.#sinceOrigin()
    const t = this.#options.clock.now()
    this.#options.write(
      this.#lost.map(({ driver: { plan, planned }, why }): LogRecord => {
        const due = plan.clients === null ? buildSchedule(plan).dueBy(endUs) : 0
        return { type: 'end', t, driver: plan.driver, planned: Math.max(due, planned), lost: why }
      }),
    )
  }
}
