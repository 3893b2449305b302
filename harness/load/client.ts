/** The harness's side of a driver: its clock, its records on the run's clock, and patience with what lies between. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import { Fault, messageOf } from '../fault.ts'
import type { DriverHealth, RequestRecord } from '../model/record.ts'
import { decodeBatch } from './decode.ts'
import type { DriverPlan, WireBatch } from './protocol.ts'
import { protocolVersion } from './protocol.ts'

/** A way to the driver's control port. Rejects when no answer came. */
export type DriverTransport = (request: {
  method: 'GET' | 'POST'
  path: string
  body?: string
  signal?: AbortSignal
}) => Promise<{ status: number; body: string }>

/** The driver's clock minus the run's, give or take. */
export interface ClockOffset {
  offsetUs: number
  errorUs: number
}

export interface DriverBatch {
  records: RequestRecord[]
  /** Instants that became due so far; final when `done`. */
  planned: number
  /** Every planned instant is settled and this is the last batch. */
  done: boolean
  health: DriverHealth
}

export interface DriverClientOptions {
  /** Records in a batch, at most; small enough that writing them out does not hold the driver up. */
  batch?: number
  /** How long a batch may take to fill. */
  waitMs?: number
  /** How long to go on asking a driver that does not answer. */
  patienceMs?: number
}

const defaults: Required<DriverClientOptions> = { batch: 500, waitMs: 100, patienceMs: 20_000 }
const firstBackOffMs = 20
const longestBackOffMs = 1000
const attemptMs = 10_000

export class DriverClient {
  readonly #transport: DriverTransport
  readonly #clock: Clock
  readonly #options: Required<DriverClientOptions>
  #offset: ClockOffset | null = null
  #plan: DriverPlan | null = null

  constructor(transport: DriverTransport, clock: Clock, options: DriverClientOptions = {}) {
    this.#transport = transport
    this.#clock = clock
    this.#options = { ...defaults, ...options }
  }

  /**
   * Compares the clocks by request and answer, and keeps the pair with the shortest way: the driver's clock was read somewhere
   * between, so its middle is off by half the way at most (Cristian's algorithm).
   */
  async alignClock(pairs = 20): Promise<ClockOffset> {
    let best: ClockOffset | null = null
    for (let pair = 0; pair < pairs; pair++) {
      const askedUs = this.#clock.now()
      const { us, beforeUs, afterUs } = await this.#readClock(askedUs)
      const errorUs = Math.ceil((afterUs - beforeUs) / 2)
      if (best === null || errorUs < best.errorUs)
        best = { offsetUs: us - Math.round((beforeUs + afterUs) / 2), errorUs }
    }
    if (best === null) throw new Fault('unknown', 'Cannot align the clock of the load driver with no pair')
    this.#offset = best
    return best
  }

  async #readClock(beforeUs: number): Promise<{ us: number; beforeUs: number; afterUs: number }> {
    let before = beforeUs
    const { us } = await this.#ask<{ us: number }>('GET', '/clock', { onAttempt: () => (before = this.#clock.now()) })
    return { us, beforeUs: before, afterUs: this.#clock.now() }
  }

  /** Gives the plan to the driver and begins once the workload answers. Resolves with the schedule's origin on the run's clock. */
  async start(plan: DriverPlan, signal?: AbortSignal): Promise<{ startUs: number }> {
    const { offsetUs } = this.#offset ?? (await this.alignClock())
    this.#plan = plan
    await this.#ask('POST', '/plan', { body: JSON.stringify(plan), ...(signal && { signal }) })
    await this.#reach(plan, signal)
    const { startUs } = await this.#ask<{ startUs: number }>('POST', '/start', { ...(signal && { signal }) })
    return { startUs: startUs - offsetUs }
  }

  /** Pods are ready before the nodes' service proxies know of them: load that begins before would lose requests to that alone. */
  async #reach({ target }: DriverPlan, signal?: AbortSignal): Promise<void> {
    const deadlineUs = this.#clock.now() + this.#options.patienceMs * 1000
    for (;;) {
      const { complaint } = await this.#ask<{ complaint: string | null }>('GET', '/reach', {
        ...(signal && { signal }),
      })
      if (complaint === null) return
      if (this.#clock.now() > deadlineUs) {
        throw new Fault('unknown', `Cannot reach the workload at ${target.host}:${target.port}: ${complaint}`)
      }
      await sleep(longestBackOffMs / 10, undefined, { ...(signal && { signal }) })
    }
  }

  /**
   * Every record exactly once, in batches, until the load is over. A batch is acknowledged when the next one is asked for: so
   * write it before asking. Throws a Fault when the driver stays silent for longer than the patience.
   */
  async *records(signal?: AbortSignal): AsyncGenerator<DriverBatch, void, undefined> {
    const plan = this.#plan
    const offset = this.#offset
    if (plan === null || offset === null) throw new Error('Cannot read records before start')
    const { batch, waitMs } = this.#options
    for (let after = 0; ;) {
      const path = `/records?after=${after}&max=${batch}&waitMs=${waitMs}`
      const wire = await this.#ask<WireBatch>('GET', path, { ...(signal && { signal }) })
      if (
        wire.version !== protocolVersion ||
        wire.runToken !== plan.runToken ||
        wire.driver !== plan.driver ||
        wire.first !== after + 1
      ) {
        throw new Fault(
          'unknown',
          `Cannot use the load driver's records: asked for those after ${after} of ${plan.runToken}, got ${wire.first} of ${wire.runToken}`,
        )
      }
      yield { records: decodeBatch(wire, offset.offsetUs), planned: wire.planned, done: wire.done, health: wire.health }
      if (wire.done) return
      after += wire.count
    }
  }

  /** Stops the load; requests in flight finish, and `records` goes on until the last of them. */
  async stop(): Promise<void> {
    await this.#ask('POST', '/stop', {})
  }

  /** Asks until there is an answer; every call of the protocol may be repeated. */
  async #ask<T>(
    method: 'GET' | 'POST',
    path: string,
    options: { body?: string; signal?: AbortSignal; onAttempt?: () => void },
  ): Promise<T> {
    const { body, signal, onAttempt } = options
    const deadlineUs = this.#clock.now() + this.#options.patienceMs * 1000
    for (let backOffMs = firstBackOffMs; ; backOffMs = Math.min(backOffMs * 2, longestBackOffMs)) {
      let complaint: string
      try {
        onAttempt?.()
        const limit = AbortSignal.timeout(attemptMs)
        const either = signal ? AbortSignal.any([signal, limit]) : limit
        const answer = await this.#transport({ method, path, ...(body !== undefined && { body }), signal: either })
        if (answer.status === 200) return JSON.parse(answer.body) as T
        complaint = `status ${answer.status}, ${answer.body.slice(0, 200)}`
        if (answer.status < 500 && answer.status !== 429) return this.#refused(method, path, complaint)
      } catch (error) {
        if (error instanceof Fault) throw error
        signal?.throwIfAborted()
        complaint = messageOf(error)
      }
      if (this.#clock.now() + backOffMs * 1000 > deadlineUs) this.#refused(method, path, complaint)
      await sleep(backOffMs, undefined, { ...(signal && { signal }) })
    }
  }

  #refused(method: string, path: string, complaint: string): never {
    throw new Fault('unknown', `Cannot ${method} ${path.replace(/\?.*/, '')} of the load driver: ${complaint}`)
  }
}
