/** The harness's side of a driver: compares the clocks, converts records to the run's clock, and retries over a connection that fails. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import type { DriverHealth, RequestRecord } from '../../model/record.ts'
import { toRecords } from '../driver/request-row.ts'
import { decodeBatch } from '../service/batch.ts'
import { ageOffset, chooseBetter, computeOffset } from './clock-offset.ts'
import type { ClockOffset, ClockReading } from './clock-offset.ts'
import type { DriverPlan } from '../service/control-protocol.ts'

/** Sends a request to the driver's control port. Rejects when no answer came. */
export type DriverTransport = (request: {
  method: 'GET' | 'POST'
  path: string
  body?: string
  signal?: AbortSignal
}) => Promise<{ status: number; body: Buffer }>

export interface DriverBatch {
  records: RequestRecord[]
  /** Instants that became due so far; final when `done`. */
  planned: number
  /** Every planned instant is settled and this is the last batch. */
  done: boolean
  health: DriverHealth
  /** Set after the clocks were compared again: the offset for these records and later ones. */
  aligned: ClockOffset | null
}

export interface DriverClientOptions {
  /** Maximum number of records in a batch; small enough that writing them out does not hold the driver up. */
  batch?: number
  /** How long a batch may take to fill. */
  waitMs?: number
  /** How long to repeat a request to a driver that does not answer. */
  patienceMs?: number
  /** How often the clocks are compared again. */
  alignEveryMs?: number
}

/** An API server stopped for ten seconds needs about another ten to come back; the driver itself waits for a minute. */
const patienceMs = 45_000
const defaults: Required<DriverClientOptions> = { batch: 500, waitMs: 100, patienceMs, alignEveryMs: 5_000 }
const firstBackOffMs = 20
const longestBackOffMs = 1000
const attemptMs = 10_000
/** Fewer than at first, because these requests alternate with those for records. */
const pairsAgain = 5

export class DriverClient {
  readonly #transport: DriverTransport
  readonly #clock: Clock
  readonly #options: Required<DriverClientOptions>
  #offset: ClockOffset | null = null
  #alignedUs = 0
  #plan: DriverPlan | null = null

  constructor(transport: DriverTransport, clock: Clock, options: DriverClientOptions = {}) {
    this.#transport = transport
    this.#clock = clock
    this.#options = { ...defaults, ...options }
  }

  /** Compares the clocks by request and answer, and uses the pair with the shortest round trip unless the known offset is more exact. */
  async alignClock(pairs = 20): Promise<ClockOffset> {
    let best: ClockOffset | null = null
    for (let pair = 0; pair < pairs; pair++) best = chooseBetter(best, computeOffset(await this.#readClock()))
    if (best === null) throw new Fault('unknown', 'Cannot align the clock of the load driver without a reading')
    const nowUs = this.#clock.now()
    const known = this.#offset && ageOffset(this.#offset, nowUs - this.#alignedUs)
    this.#alignedUs = nowUs
    return (this.#offset = chooseBetter(known, best))
  }

  async #readClock(): Promise<ClockReading> {
    let beforeUs = 0
    const { us } = await this.#ask<{ us: number }>('GET', '/clock', { onAttempt: () => (beforeUs = this.#clock.now()) })
    return { us, beforeUs, afterUs: this.#clock.now() }
  }

  /** Gives the plan to the driver and waits until the workload answers it. */
  async prepare(plan: DriverPlan, signal?: AbortSignal): Promise<void> {
    this.#plan = plan
    await this.#ask('POST', '/plan', { body: JSON.stringify(plan), ...(signal && { signal }) })
    await this.#reach(plan, signal)
  }

  /** Begins the prepared load as soon as possible or at an instant of the run's clock; resolves with the schedule's origin on it. */
  async start(atUs: number | null, signal?: AbortSignal): Promise<{ startUs: number }> {
    const { offsetUs } = this.#offset ?? (await this.alignClock())
    const path = atUs === null ? '/start' : `/start?atUs=${atUs + offsetUs}`
    const { startUs } = await this.#ask<{ startUs: number }>('POST', path, { ...(signal && { signal }) })
    return { startUs: startUs - offsetUs }
  }

  /** Prepares and then starts. */
  async prepareAndStart(plan: DriverPlan, signal?: AbortSignal): Promise<{ startUs: number }> {
    await this.prepare(plan, signal)
    return this.start(null, signal)
  }

  /** Waits until the workload answers: pods are ready before the nodes' service proxies know them, and earlier load would lose requests. */
  async #reach({ target }: DriverPlan, signal?: AbortSignal): Promise<void> {
    const deadlineUs = this.#clock.now() + this.#options.patienceMs * 1000
    for (;;) {
      const { problem } = await this.#ask<{ problem: string | null }>('GET', '/reach', {
        ...(signal && { signal }),
      })
      if (problem === null) return
      if (this.#clock.now() > deadlineUs) {
        throw new Fault('unknown', `Cannot reach the workload at ${target.host}:${target.port}: ${problem}`)
      }
      await sleep(longestBackOffMs / 10, undefined, { ...(signal && { signal }) })
    }
  }

  /**
   * Yields every record exactly once, in batches, until the load is over. Requesting the next batch acknowledges the one before: store a
   * batch before you request the next. Throws a Fault when the driver stays silent for longer than `patienceMs`.
   */
  async *records(signal?: AbortSignal): AsyncGenerator<DriverBatch, void, undefined> {
    const plan = this.#plan
    if (plan === null || this.#offset === null) throw new Error('Cannot read records before start')
    const { batch, waitMs, alignEveryMs } = this.#options
    for (let after = 0; ;) {
      const isDue = this.#clock.now() - this.#alignedUs > alignEveryMs * 1000
      const aligned = isDue ? await this.alignClock(pairsAgain) : null
      const path = `/records?after=${after}&max=${batch}&waitMs=${waitMs}`
      const got = await this.#ask('GET', path, { parse: decodeBatch, ...(signal && { signal }) })
      if (got.runToken !== plan.runToken || got.driver !== plan.driver || got.first !== after + 1) {
        throw new Fault(
          'unknown',
          `Cannot use the load driver's records: asked for those after ${after} of ${plan.runToken}, got ${got.first} of ${got.runToken}`,
        )
      }
      const { planned, done, health } = got
      const records = toRecords(got, plan.driver, this.#offset.offsetUs)
      yield { records, planned, done, health, aligned }
      if (done) return
      after += got.count
    }
  }

  /**
   * Stops the load, now or `afterUs` after the schedule's origin; requests in flight finish, and `records` continues to the last of them.
   */
  async stop(afterUs: number | null = null): Promise<void> {
    await this.#ask('POST', afterUs === null ? '/stop' : `/stop?afterUs=${afterUs}`, {})
  }

  /** Repeats the call until there is an answer; every call of the protocol may be repeated. */
  async #ask<T>(
    method: 'GET' | 'POST',
    path: string,
    options: { body?: string; signal?: AbortSignal; onAttempt?: () => void; parse?: (answer: Buffer) => T },
  ): Promise<T> {
    const { body, signal, onAttempt, parse = (answer): T => JSON.parse(answer.toString()) as T } = options
    const deadlineUs = this.#clock.now() + this.#options.patienceMs * 1000
    for (let backOffMs = firstBackOffMs; ; backOffMs = Math.min(backOffMs * 2, longestBackOffMs)) {
      let problem: string
      try {
        onAttempt?.()
        const limit = AbortSignal.timeout(attemptMs)
        const either = signal ? AbortSignal.any([signal, limit]) : limit
        const answer = await this.#transport({ method, path, ...(body !== undefined && { body }), signal: either })
        if (answer.status === 200) return parse(answer.body)
        problem = `status ${answer.status}, ${answer.body.toString('utf8', 0, 200)}`
        if (!this.#isPassing(answer.status)) return this.#refused(method, path, problem)
      } catch (error) {
        if (error instanceof Fault) throw error
        signal?.throwIfAborted()
        problem = getErrorMessage(error)
      }
      if (this.#clock.now() + backOffMs * 1000 > deadlineUs) this.#refused(method, path, problem)
      await sleep(backOffMs, undefined, { ...(signal && { signal }) })
    }
  }

  /**
   * Whether the answer comes from a proxy on the way and may change on the next attempt. An API server that has just come back does not
   * know the permissions yet, so a 401 or 403 may be temporary for a call that was allowed before.
   */
  #isPassing(status: number): boolean {
    return status >= 500 || status === 429 || (this.#offset !== null && (status === 401 || status === 403))
  }

  #refused(method: string, path: string, problem: string): never {
    throw new Fault('unknown', `Cannot ${method} ${path.replace(/\?.*/, '')} of the load driver: ${problem}`)
  }
}
