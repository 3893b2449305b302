/**
 * The driver: sends each request when it is due, whatever became of those before it (an open loop, or a closed one where the
 * plan says so), and settles each one exactly once.
 *
 * What cannot be sent is recorded as such and never held against the server: `overload` where a request is found due more than
 * `maxLagMs` ago, needs a socket beyond `maxConnections`, or finds the driver's machine without ports, descriptors or
 * memory; `stopped` where it was due before the stop and had not been taken up yet. Planned are the instants up to the stop.
 */
import { monotonicUs } from '../../base/clock.ts'
import { lanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import type { NotSentReason, Outcome } from '../../model/record.ts'
import { Connection } from '../http1/connection.ts'
import type { ConnectionOwner } from '../http1/connection.ts'
import { Engine } from './engine.ts'
import { RequestState } from './record-buffer.ts'
import { ClosedLoop, OpenLoop } from './arrivals.ts'
import type { Arrivals } from './arrivals.ts'
import { Pacer } from './pacer.ts'
import { ConnectionPool } from './connection-pool.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { createRoutes } from './route.ts'
import type { Routes } from './route.ts'
import { buildSchedule } from '../../model/schedule.ts'
import type { Schedule } from '../../model/schedule.ts'

/** How often time limits are looked at. */
const sweepMs = 10
/** After so many requests in a row the loop looks for responses. */
const mostInARow = 32
/** How soon a full ledger is looked at again. */
const fullRetryUs = 1000

export class Driver extends Engine implements ConnectionOwner {
  readonly routes: Routes
  readonly connectTimeoutUs: number
  readonly timeoutUs: number
  readonly bodyTimeoutUs: number
  readonly maxIdleUs: number
  readonly #plan: DriverPlan
  readonly #schedule: Schedule
  readonly #pace: Arrivals
  readonly #pools: Record<Lane, ConnectionPool>
  readonly #open = new Set<Connection>()
  readonly #pacer: Pacer
  #sweeper: NodeJS.Timeout | null = null
  /** Nothing becomes due after this instant. */
  #endUs = Number.POSITIVE_INFINITY
  #connections = 0

  constructor(plan: DriverPlan, capacity?: number) {
    super(capacity)
    this.#plan = plan
    this.routes = createRoutes(plan)
    this.connectTimeoutUs = plan.connectTimeoutMs * 1000
    this.timeoutUs = plan.timeoutMs * 1000
    this.bodyTimeoutUs = plan.bodyTimeoutMs * 1000
    this.maxIdleUs = (plan.reuse.idleMs ?? Number.POSITIVE_INFINITY) * 1000
    this.#schedule = buildSchedule(plan)
    const { maxIdle, reuse, clients } = plan
    this.#pace = clients === null ? new OpenLoop(this.#schedule) : new ClosedLoop(clients)
    const createPool = (): ConnectionPool => new ConnectionPool({ thinkUs: plan.thinkMs * 1000, maxIdle, ...reuse })
    this.#pools = { fresh: createPool(), reused: createPool(), 'reused-post': createPool(), control: createPool() }
    const intervalUs = clients === null ? (plan.drivers * 1e6) / plan.ratePerSecond : Number.POSITIVE_INFINITY
    this.#pacer = new Pacer({ tick: (nowUs) => this.#tick(nowUs), isBusy: () => this.inFlight > 0, intervalUs })
  }

  start(startUs: number = monotonicUs()): void {
    if (!this.markStarted(startUs)) return
    this.#endUs = startUs + this.#plan.limitMs * 1000
    this.#pace.start(startUs)
    this.#sweeper = setInterval(() => this.#sweepLater(monotonicUs()), sweepMs)
    this.#pacer.wake()
  }

  stop(atUs: number = monotonicUs()): void {
    if (this.stopping || this.startUs < 0) return
    this.#endUs = Math.min(this.#endUs, atUs)
    this.stopping = this.#endUs <= monotonicUs()
    this.#pacer.wake()
  }

  override afterSending(): Promise<void> {
    return this.#pacer.afterSending()
  }

  /** Sends what is due; returns when the next request is, or when the load is over. */
  #tick(nowUs: number): number {
    const pace = this.#pace
    for (let count = 0; pace.nextDueUs <= nowUs && !pace.isOver(nowUs, this.#endUs); count++) {
      if (!this.hasRoom) return nowUs + fullRetryUs
      if (count === mostInARow) return nowUs
      this.#takeUp(monotonicUs())
    }
    if (!pace.isOver(nowUs, this.#endUs)) return Math.min(pace.nextDueUs, this.#endUs)
    this.stopping = true
    this.#finish()
    return Number.POSITIVE_INFINITY
  }

  #takeUp(nowUs: number): void {
    const n = this.takeNumber()
    const seq = this.#schedule.seq(n)
    const dueUs = this.#pace.take(n, nowUs)
    const lane = this.#schedule.lane(seq)
    if (nowUs - dueUs > this.#plan.maxLagMs * 1000) {
      return this.#refuse(seq, lane, dueUs, { why: 'overload', detail: `due ${nowUs - dueUs} µs ago` })
    }
    if (this.stopping) return this.#refuse(seq, lane, dueUs, { why: 'stopped', detail: null })
    const connection = this.#pools[lane].take(nowUs) ?? this.#connect(lane)
    if (connection === null) {
      return this.#refuse(seq, lane, dueUs, { why: 'overload', detail: `${this.#open.size} sockets are open` })
    }
    this.startRequest()
    connection.send(seq, dueUs, nowUs)
  }

  #connect(lane: Lane): Connection | null {
    if (this.#open.size >= this.#plan.maxConnections) return null
    const connection = new Connection(this, lane, ++this.#connections)
    this.#open.add(connection)
    return connection
  }

  #refuse(seq: number, lane: Lane, dueUs: number, reason: { why: NotSentReason; detail: string | null }): void {
    const nowUs = Math.max(dueUs, monotonicUs())
    this.records.add(Object.assign(new RequestState(lane), { seq, dueUs }), reason.why, nowUs, reason.detail)
    this.#pace.onSettled(nowUs, true)
  }

  onSettled(connection: Connection, fate: Outcome | NotSentReason, atUs: number, detail: string | null): void {
    this.finishRequest(connection, fate, atUs, detail)
    const unconnected = connection.connectedUs < 0
    this.#pace.onSettled(atUs, unconnected)
    if (this.stopping) this.#finish()
    // A client that rests may be the next to send, earlier than the pacer was told.
    else if (unconnected || atUs >= this.#pace.nextDueUs) this.#pacer.wake()
  }

  onIdle(connection: Connection): void {
    this.#pools[connection.lane].put(connection)
  }

  onLeave(connection: Connection): void {
    this.#pools[connection.lane].remove(connection)
  }

  onClosed(connection: Connection): void {
    this.#open.delete(connection)
  }

  /**
   * Time limits are those of an instant before the loop's poll phase and looked at after it: whatever had arrived by that
   * instant has been read by then, however long the reading took. Only a FIN or RST behind bytes takes another turn to be
   * read: what has just been read from is left until the next look.
   */
  #sweepLater(nowUs: number): void {
    setImmediate(() => {
      for (const connection of this.#open) {
        if (connection.deadlineUs <= nowUs && connection.lastReadUs < nowUs) connection.expire(monotonicUs())
      }
    })
  }

  #finish(): void {
    if (!this.#pace.isOver(monotonicUs(), this.#endUs) || !this.finish()) return
    this.#pacer.stop()
    if (this.#sweeper !== null) clearInterval(this.#sweeper)
    for (const lane of lanes) this.#pools[lane].clear()
    for (const connection of this.#open) connection.destroy()
    this.onDone()
  }
}
