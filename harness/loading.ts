/** The load of one run, as the run sees it: it goes on by itself, every record straight into the log, until it is stopped. */
import type { Clock } from './clock.ts'
import { DriverClient } from './load/client.ts'
import type { DriverTransport } from './load/client.ts'
import { driverPlan } from './load/plan.ts'
import type { DriverPlan } from './load/protocol.ts'
import type { RunPlan } from './model/plan.ts'
import type { LogRecord } from './model/record.ts'

export interface LoadingOptions {
  transport: DriverTransport
  clock: Clock
  plan: RunPlan
  target: { host: string; port: number }
  /** Where the lane `control` goes, and who answers there. */
  control: DriverPlan['control']
  /** Must have the records on disk when it returns: the next batch acknowledges them. */
  write: (records: LogRecord[]) => void
}

export interface Loading {
  /** When the workload's latest loss so far settled, µs on the run's clock; -Infinity without one. */
  readonly lastLossUs: number
  /** Aborts when the driver can no longer be reached. */
  readonly failed: AbortSignal
  /** Resolves when every request has settled and is in the log. May be called twice. */
  stop(): Promise<void>
}

/** Resolves when the first request is due. */
export async function startLoading(options: LoadingOptions): Promise<Loading> {
  const { transport, clock, plan, target, control } = options
  const client = new DriverClient(transport, clock)
  const { scenario, runId, seed } = plan
  const offset = await client.alignClock()
  options.write([{ type: 'clock', t: clock.now(), driver: 0, ...offset }])
  const { load } = scenario
  await client.start(driverPlan({ load, target, control, runToken: runId, workload: runId, seed }))
  return new Pump(client, options)
}

class Pump implements Loading {
  lastLossUs = -Infinity
  readonly #failure = new AbortController()
  readonly #client: DriverClient
  readonly #pumping: Promise<void>
  #stopped: Promise<void> | null = null

  constructor(client: DriverClient, options: LoadingOptions) {
    this.#client = client
    this.#pumping = this.#pump(options)
    this.#pumping.catch((error: unknown) => this.#failure.abort(error))
  }

  get failed(): AbortSignal {
    return this.#failure.signal
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#client.stop().then(() => this.#pumping)
    return this.#stopped
  }

  async #pump({ write, clock }: LoadingOptions): Promise<void> {
    for await (const { records, planned, done, health } of this.#client.records()) {
      for (const { lane, outcome, settledUs, sentUs } of records) {
        if (lane !== 'control' && outcome !== 'ok' && sentUs !== null)
          this.lastLossUs = Math.max(this.lastLossUs, settledUs)
      }
      const t = clock.now()
      const batch: LogRecord[] = records.map((request) => ({ type: 'request', request }))
      write([...batch, { type: 'driver', t, driver: 0, health }])
      if (done) write([{ type: 'end', t: clock.now(), driver: 0, planned, lost: null }])
    }
  }
}
