/**
 * The driver: sends each request when it is due, whatever the outcome of earlier ones (an open loop; closed where the plan says so), and
 * settles each exactly once.
 *
 * A request that cannot be sent is recorded as not sent and never counts against the server. `overload`: it was due more than `maxLagMs`
 * ago, needs a socket beyond `maxConnections`, or the driver's machine has no ports, descriptors or memory. `stopped`: it was due before
 * the stop and had not been taken up. All instants up to the stop count as planned.
 */
import { monotonicUs } from '../../base/clock.ts'
import { lanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import type { NotSentReason } from '../../model/record.ts'
import { buildSchedule } from '../../model/load/schedule.ts'
import type { Schedule } from '../../model/load/schedule.ts'
import type { Engine } from './engine.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { Accounting } from './accounting.ts'
import { ClosedLoop, OpenLoop } from './arrivals.ts'
import type { Arrivals } from './arrivals.ts'
import { ConnectionPool } from './connection-pool.ts'
import { Connection, createTimeLimits } from './connection.ts'
import type { ConnectionOwner, TimeLimits } from './connection.ts'
import { OpenConnections } from './open-connections.ts'
import { Pacer } from './pacer.ts'
import { RequestState } from './request-state.ts'
import type { Transport } from './transport.ts'

/** After this number of requests in a row the loop reads responses. */
const mostInARow = 32
/** How long to wait before checking a full buffer of records again. */
const fullRetryUs = 1000

export class Driver implements Engine, ConnectionOwner {
  readonly accounting: Accounting
  readonly transport: Transport
  readonly limits: TimeLimits
  onDone: () => void = () => {}
  readonly #plan: DriverPlan
  readonly #schedule: Schedule
  readonly #arrivals: Arrivals
  readonly #pools: Record<Lane, ConnectionPool>
  readonly #open: OpenConnections = new OpenConnections()
  readonly #pacer: Pacer
  #startUs = -1
  /** Nothing becomes due after this instant. */
  #endUs = Number.POSITIVE_INFINITY
  #connections = 0
  /** Whether no more requests are taken up. */
  #isStopping = false

  constructor(plan: DriverPlan, transport: Transport, capacity?: number) {
    this.#plan = plan
    this.transport = transport
    this.limits = createTimeLimits(plan)
    this.accounting = new Accounting(capacity)
    this.#schedule = buildSchedule(plan)
    const { maxIdle, reuse, clients } = plan
    this.#arrivals = clients === null ? new OpenLoop(this.#schedule) : new ClosedLoop(clients)
    const createPool = (): ConnectionPool => new ConnectionPool({ thinkUs: plan.thinkMs * 1000, maxIdle, ...reuse })
    this.#pools = { fresh: createPool(), reused: createPool(), 'reused-post': createPool(), control: createPool() }
    const intervalUs = clients === null ? (plan.drivers * 1e6) / plan.ratePerSecond : Number.POSITIVE_INFINITY
    const isBusy = (): boolean => this.accounting.inFlight > 0
    this.#pacer = new Pacer({ tick: (nowUs) => this.#tick(nowUs), isBusy, intervalUs })
  }

  get startUs(): number {
    return this.#startUs
  }

  start(startUs: number = monotonicUs()): void {
    if (this.#startUs >= 0) return
    this.#startUs = startUs
    this.#endUs = startUs + this.#plan.limitMs * 1000
    this.#arrivals.start(startUs)
    this.#open.startSweeping()
    this.#pacer.wake()
  }

  stop(atUs: number = monotonicUs()): void {
    if (this.#isStopping || this.#startUs < 0) return
    this.#endUs = Math.min(this.#endUs, atUs)
    this.#isStopping = this.#endUs <= monotonicUs()
    this.#pacer.wake()
  }

  afterSending(): Promise<void> {
    return this.#pacer.afterSending()
  }

  /** Sends what is due; returns when the next request is due, or infinity when the load is over. */
  #tick(nowUs: number): number {
    const arrivals = this.#arrivals
    for (let count = 0; arrivals.nextDueUs <= nowUs && !arrivals.isOver(nowUs, this.#endUs); count++) {
      if (!this.accounting.hasRoom) return nowUs + fullRetryUs
      if (count === mostInARow) return nowUs
      this.#sendNext(monotonicUs())
    }
    if (!arrivals.isOver(nowUs, this.#endUs)) return Math.min(arrivals.nextDueUs, this.#endUs)
    this.#isStopping = true
    this.#finish()
    return Number.POSITIVE_INFINITY
  }

  #sendNext(nowUs: number): void {
    const n = this.accounting.plan()
    const seq = this.#schedule.seq(n)
    const dueUs = this.#arrivals.take(n, nowUs)
    const lane = this.#schedule.lane(seq)
    const planned = { seq, lane, dueUs }
    if (nowUs - dueUs > this.#plan.maxLagMs * 1000)
      return this.#skip(planned, 'overload', `due ${nowUs - dueUs} µs ago`)
    if (this.#isStopping) return this.#skip(planned, 'stopped', null)
    const connection = this.#pools[lane].take(nowUs) ?? this.#connect(lane)
    if (connection === null) return this.#skip(planned, 'overload', `${this.#open.size} sockets are open`)
    this.accounting.start()
    connection.send(seq, dueUs, nowUs)
  }

  #connect(lane: Lane): Connection | null {
    if (this.#open.size >= this.#plan.maxConnections) return null
    const connection = new Connection(this, lane, ++this.#connections)
    this.#open.add(connection)
    return connection
  }

  #skip(planned: { seq: number; lane: Lane; dueUs: number }, outcome: NotSentReason, detail: string | null): void {
    const nowUs = Math.max(planned.dueUs, monotonicUs())
    const request = Object.assign(new RequestState(planned.lane), planned)
    request.settle(outcome, nowUs, detail)
    this.accounting.skip(request)
    this.#arrivals.onSettled(nowUs, true)
  }

  onSettled(connection: Connection): void {
    const { request } = connection
    this.accounting.settle(request)
    if (connection.isIdle) this.#pools[request.lane].put(connection)
    const isUnconnected = request.connectedUs < 0
    this.#arrivals.onSettled(request.settledUs, isUnconnected)
    if (this.#isStopping) this.#finish()
    // A resting client may send next, earlier than the pacer was told.
    else if (isUnconnected || request.settledUs >= this.#arrivals.nextDueUs) this.#pacer.wake()
  }

  onIdleEnd(connection: Connection): void {
    this.#pools[connection.request.lane].remove(connection)
  }

  onClose(connection: Connection): void {
    this.#open.delete(connection)
  }

  #finish(): void {
    if (!this.#arrivals.isOver(monotonicUs(), this.#endUs) || !this.accounting.close()) return
    this.#pacer.stop()
    for (const lane of lanes) this.#pools[lane].clear()
    this.#open.destroy()
    this.onDone()
  }
}
