/**
 * Autocannon as an engine: a constant number of requests in flight, each of its clients fenced (fence.ts) and with its own
 * lane. It keeps the driver's books: every request one record, none twice, none forgotten.
 */
import autocannon from 'autocannon'
import type { Instance, Request, Result } from 'autocannon'
import { monotonicUs } from '../../base/clock.ts'
import type { Lane } from '../../model/plan.ts'
import type { NotSentReason, Outcome } from '../../model/record.ts'
import type { Identification } from '../../model/workload.ts'
import { Engine } from '../driver/engine.ts'
import { AutocannonAdapter } from './autocannon-adapter.ts'
import type { AdapterOwner } from './autocannon-adapter.ts'
import { formatIdPrefix } from '../service/control-protocol.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { buildSchedule } from '../../model/schedule.ts'
import type { Schedule } from '../../model/schedule.ts'

/** How soon a full ledger is looked at again. */
const fullMs = 1
/** Autocannon ends its clients at the end of a sample. */
const sampleMs = 100

export class AutocannonEngine extends Engine implements AdapterOwner {
  readonly target: { host: string; port: number }
  readonly workload: string
  readonly identification: Identification
  readonly idPrefix: string
  readonly connectTimeoutMs: number
  readonly timeoutMs: number
  readonly bodyTimeoutMs: number
  readonly #plan: DriverPlan
  readonly #clients: number
  readonly #schedule: Schedule
  readonly #waiting = new Set<AutocannonAdapter>()
  readonly #result = Promise.withResolvers<Result>()
  #instance: Instance | null = null
  #timer: NodeJS.Timeout | null = null
  #limit: NodeJS.Timeout | null = null
  #end: NodeJS.Timeout | null = null
  #connections = 0

  constructor(plan: DriverPlan, capacity?: number) {
    super(capacity)
    if (plan.clients === null) throw new Error('Cannot use autocannon for an open loop: it needs a number of clients')
    this.#plan = plan
    this.#clients = plan.clients
    this.#schedule = buildSchedule(plan)
    this.target = plan.target
    this.workload = plan.workload
    this.identification = plan.identification
    this.connectTimeoutMs = plan.connectTimeoutMs
    this.timeoutMs = plan.timeoutMs
    this.bodyTimeoutMs = plan.bodyTimeoutMs
    this.idPrefix = formatIdPrefix(plan)
  }

  start(startUs: number = monotonicUs()): void {
    if (!this.markStarted(startUs)) return
    this.#limit = setTimeout(() => this.#run(), Math.max(0, (startUs - monotonicUs()) / 1000))
  }

  stop(atUs: number = monotonicUs()): void {
    if (this.stopping || this.startUs < 0) return
    const leftMs = (atUs - monotonicUs()) / 1000
    if (leftMs > 0) {
      this.#end ??= setTimeout(() => this.stop(), leftMs)
      return
    }
    this.stopping = true
    this.#finish()
  }

  /** What autocannon itself says in the end; its ends are the ledger's, as the fences tell it of each. */
  get result(): Promise<Result> {
    return this.#result.promise
  }

  takeNext(fence: AutocannonAdapter): number | null {
    if (this.stopping) return null
    if (!this.hasRoom) {
      this.#waiting.add(fence)
      this.#timer ??= setTimeout(() => this.#resume(), fullMs)
      return null
    }
    this.startRequest()
    return this.#schedule.seq(this.takeNumber())
  }

  buildRequest(lane: Lane, seq: number): Pick<Request, 'method' | 'path' | 'headers' | 'body'> {
    const { path, requests, authority } = this.#plan
    const { method, headers, bodyBytes } = requests[lane === 'control' ? 'fresh' : lane]
    const host = authority === null ? {} : { host: authority }
    const all = { ...headers, ...host, 'x-request-id': this.idPrefix + seq }
    if (bodyBytes === 0) return { method, path, headers: all }
    return { method, path, headers: { 'content-type': 'text/plain', ...all }, body: 'x'.repeat(bodyBytes) }
  }

  takeConnectionNumber(): number {
    return ++this.#connections
  }

  onSettled(fence: AutocannonAdapter, fate: Outcome | NotSentReason, atUs: number, detail: string | null): void {
    this.finishRequest(fence, fate, atUs, detail)
    if (this.stopping) this.#finish()
  }

  #run(): void {
    if (this.stopping) return
    const { target, limitMs } = this.#plan
    const host = target.host.includes(':') ? `[${target.host}]` : target.host
    const { seq, lane } = this.#schedule
    let clients = 0
    this.#limit = setTimeout(() => this.stop(), limitMs)
    this.#instance = autocannon({
      url: `http://${host}:${target.port}`,
      connections: this.#clients,
      // It is told when to end.
      duration: (2 * limitMs) / 1000 + 60,
      sampleInt: sampleMs,
      setupClient: (client) => void new AutocannonAdapter(this, client, lane(seq(clients++))),
    })
    this.#instance.then(this.#result.resolve, this.#result.reject)
  }

  #resume(): void {
    this.#timer = null
    const fences = [...this.#waiting]
    this.#waiting.clear()
    for (const fence of fences) fence.resume()
  }

  #finish(): void {
    if (!this.finish()) return
    for (const timer of [this.#timer, this.#limit, this.#end]) clearTimeout(timer ?? undefined)
    this.#instance?.stop()
    this.onDone()
  }
}
