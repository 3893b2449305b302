/**
 * Autocannon as an engine: it keeps a constant number of requests in flight, and each of its clients has an adapter (autocannon-adapter.ts)
 * and a lane. Every request is accounted for as the driver's are: one record each, none twice, none forgotten.
 */
import autocannon from 'autocannon'
import type { Instance, Request, Result } from 'autocannon'
import { monotonicUs } from '../../base/clock.ts'
import type { Lane } from '../../model/plan.ts'
import { createRequestChooser } from '../../model/load/request-choice.ts'
import { buildSchedule } from '../../model/load/schedule.ts'
import type { Schedule } from '../../model/load/schedule.ts'
import { Accounting } from '../driver/accounting.ts'
import { Connection, createTimeLimits } from '../driver/connection.ts'
import type { TimeLimits } from '../driver/connection.ts'
import { OpenConnections } from '../driver/open-connections.ts'
import type { RequestState } from '../driver/request-state.ts'
import type { Engine } from '../driver/engine.ts'
import { getLaneContent } from '../http1/request-text.ts'
import { createRoutes } from '../http1/route.ts'
import type { Routes } from '../http1/route.ts'
import { formatIdPrefix } from '../service/control-protocol.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { AutocannonAdapter } from './autocannon-adapter.ts'
import type { AdapterOwner } from './autocannon-adapter.ts'

/** How long to wait before checking a full buffer of records again. */
const fullRetryMs = 1
/** Autocannon ends its clients at the end of a sample of this length. */
const sampleMs = 100

export class AutocannonEngine implements Engine, AdapterOwner {
  readonly accounting: Accounting
  readonly limits: TimeLimits
  readonly routes: Routes
  onDone: () => void = () => {}
  readonly #plan: DriverPlan
  readonly #clients: number
  readonly #schedule: Schedule
  readonly #choose: (seq: number) => number
  readonly #open: OpenConnections = new OpenConnections()
  readonly #waiting = new Set<AutocannonAdapter>()
  readonly #result = Promise.withResolvers<Result>()
  #instance: Instance | null = null
  #startUs = -1
  #isStopping = false
  #retry: NodeJS.Timeout | null = null
  #limit: NodeJS.Timeout | null = null
  #end: NodeJS.Timeout | null = null
  #connections = 0

  constructor(plan: DriverPlan, capacity?: number) {
    if (plan.clients === null) throw new Error('Cannot use autocannon for an open loop: it needs a number of clients')
    this.accounting = new Accounting(capacity)
    this.limits = createTimeLimits(plan)
    this.routes = createRoutes(plan)
    this.#plan = plan
    this.#clients = plan.clients
    this.#schedule = buildSchedule(plan)
    this.#choose = createRequestChooser(plan.seed, plan.listed ?? [])
  }

  get startUs(): number {
    return this.#startUs
  }

  start(startUs: number = monotonicUs()): void {
    if (this.#startUs >= 0) return
    this.#startUs = startUs
    this.#open.startSweeping()
    this.#limit = setTimeout(() => this.#run(), Math.max(0, (startUs - monotonicUs()) / 1000))
  }

  stop(atUs: number = monotonicUs()): void {
    if (this.#isStopping || this.#startUs < 0) return
    const leftMs = (atUs - monotonicUs()) / 1000
    if (leftMs > 0) {
      this.#end ??= setTimeout(() => this.stop(), leftMs)
      return
    }
    this.#isStopping = true
    this.#finish()
  }

  afterSending(): Promise<void> {
    return Promise.resolve()
  }

  /** Autocannon's own result; its counts come from the events that the adapters emit. */
  get result(): Promise<Result> {
    return this.#result.promise
  }

  takeNext(adapter: AutocannonAdapter): number | null {
    if (this.#isStopping) return null
    if (!this.accounting.hasRoom) {
      this.#waiting.add(adapter)
      this.#retry ??= setTimeout(() => this.#resume(), fullRetryMs)
      return null
    }
    const seq = this.#schedule.seq(this.accounting.plan())
    this.accounting.start()
    return seq
  }

  connect(adapter: AutocannonAdapter, lane: Lane): Connection {
    const connection = new Connection(adapter, lane, ++this.#connections)
    this.#open.add(connection)
    return connection
  }

  buildRequest(lane: Lane, seq: number): Pick<Request, 'method' | 'path' | 'headers' | 'body'> {
    const { authority, listed } = this.#plan
    const { method, path, headers, body } = listed?.[this.#choose(seq)] ?? getLaneContent(lane, this.#plan)
    const host = authority === null ? {} : { host: authority }
    const all = { ...headers, ...host, 'x-request-id': formatIdPrefix(this.#plan) + seq }
    if (body === '') return { method, path, headers: all }
    return { method, path, headers: { 'content-type': 'text/plain', ...all }, body }
  }

  onSettled(request: RequestState): void {
    this.accounting.settle(request)
    if (this.#isStopping) this.#finish()
  }

  onClose(connection: Connection): void {
    this.#open.delete(connection)
  }

  #run(): void {
    if (this.#isStopping) return
    const { target, limitMs } = this.#plan
    const host = target.host.includes(':') ? `[${target.host}]` : target.host
    const { seq, lane } = this.#schedule
    let clients = 0
    this.#limit = setTimeout(() => this.stop(), limitMs)
    this.#instance = autocannon({
      url: `http://${host}:${target.port}`,
      connections: this.#clients,
      // Longer than any load: the engine stops autocannon itself.
      duration: (2 * limitMs) / 1000 + 60,
      sampleInt: sampleMs,
      setupClient: (client) => void new AutocannonAdapter(this, client, lane(seq(clients++))),
    })
    this.#instance.then(this.#result.resolve, this.#result.reject)
  }

  #resume(): void {
    this.#retry = null
    const adapters = [...this.#waiting]
    this.#waiting.clear()
    for (const adapter of adapters) adapter.resume()
  }

  #finish(): void {
    if (!this.accounting.close()) return
    for (const timer of [this.#retry, this.#limit, this.#end]) clearTimeout(timer ?? undefined)
    this.#open.destroy()
    this.#instance?.stop()
    this.onDone()
  }
}
