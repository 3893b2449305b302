/**
 * A connection of the driver: the state of the request in flight on it and its time limits. The response, a failure that the transport
 * reports or a time limit settles the request exactly once.
 *
 * After a response that ends the connection the server should close first (RFC 9112 §9.6 for HTTP/1.1); the driver closes it a second
 * later. So ports in TIME_WAIT do not pile up on the driver's machine.
 */
import type { Lane } from '../../model/plan.ts'
import type { RequestOutcome, Outcome } from '../../model/record.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { timeoutOutcomes } from './transport.ts'
import type { ExchangePhase, Transport, TransportConnection, TransportHandler } from './transport.ts'
import { RequestState } from './request-state.ts'

/** What all connections of an engine share. */
export interface ConnectionOwner {
  readonly transport: Transport
  readonly limits: TimeLimits
  /** Called when the request in flight has ended; `connection.request` has its state until the next one begins. */
  onSettled(connection: Connection): void
  /** Called when an idle connection can take no more requests. */
  onIdleEnd(connection: Connection): void
  /** Called when the socket is gone. */
  onClose(connection: Connection): void
}

export interface TimeLimits {
  connectTimeoutUs: number
  /** Limit from writing the request to the end of the response's headers. */
  timeoutUs: number
  /** Limit from the end of the headers to the end of the body. */
  bodyTimeoutUs: number
  /** A connection that is idle for longer than this is closed. */
  maxIdleUs: number
}

const lingerUs = 1_000_000

export function createTimeLimits(plan: DriverPlan): TimeLimits {
  const { connectTimeoutMs, timeoutMs, bodyTimeoutMs, reuse } = plan
  return {
    connectTimeoutUs: connectTimeoutMs * 1000,
    timeoutUs: timeoutMs * 1000,
    bodyTimeoutUs: bodyTimeoutMs * 1000,
    maxIdleUs: (reuse.idleMs ?? Number.POSITIVE_INFINITY) * 1000,
  }
}

export class Connection implements TransportHandler {
  /** The state of the request in flight, or of the last one. */
  readonly request: RequestState
  /** When the present phase of the request, the wait for the server's FIN or the idle time exceeds its limit. */
  deadlineUs: number = Number.POSITIVE_INFINITY
  idleSinceUs = -1
  /** Neighbours in the pool's queue. */
  older: Connection | null = null
  younger: Connection | null = null
  readonly #owner: ConnectionOwner
  readonly #transport: TransportConnection
  #inFlight = false

  /** Opens the connection; the first request waits for it. */
  constructor(owner: ConnectionOwner, lane: Lane, number: number) {
    this.#owner = owner
    this.request = new RequestState(lane, number)
    this.#transport = owner.transport.open(lane, this)
  }

  get inFlight(): boolean {
    return this.#inFlight
  }

  /** Whether a request can be written at once. */
  get isIdle(): boolean {
    return !this.#inFlight && this.#transport.phase === 'idle'
  }

  /** When bytes were last read from it. */
  get lastReadUs(): number {
    return this.#transport.lastReadUs
  }

  /** Until when the server keeps it open, as far as the server said so. */
  get keepUntilUs(): number {
    return this.#transport.keepUntilUs
  }

  /** Takes a request: writes it at once, or waits until the connection is open. */
  send(seq: number, dueUs: number, nowUs: number): void {
    const { phase } = this.#transport
    if (this.#inFlight || phase === 'closed')
      throw new Error(`Cannot send request ${seq}: connection ${this.request.connection} is ${phase}`)
    this.#inFlight = true
    this.request.start(seq, dueUs, nowUs)
    if (phase === 'idle') {
      this.request.idleUs = nowUs - this.idleSinceUs
      this.#write(nowUs)
    } else this.deadlineUs = nowUs + this.#owner.limits.connectTimeoutUs
  }

  /** Ends what has exceeded its time limit. */
  expire(nowUs: number): void {
    if (!this.#inFlight) return this.destroy()
    const phase = this.#transport.phase as ExchangePhase
    this.#transport.destroy()
    this.#settle(timeoutOutcomes[phase], nowUs, null)
  }

  destroy(): void {
    if (this.#inFlight)
      throw new Error(
        `Cannot close connection ${this.request.connection}: request ${this.request.seq} is in flight on it`,
      )
    if (this.#transport.phase === 'idle') this.#owner.onIdleEnd(this)
    this.#transport.destroy()
  }

  onConnect(nowUs: number): void {
    if (this.#inFlight) this.#write(nowUs)
  }

  onHeaders(nowUs: number): void {
    this.deadlineUs = nowUs + this.#owner.limits.bodyTimeoutUs
  }

  onComplete(nowUs: number, outcome: Outcome, detail: string | null): void {
    this.idleSinceUs = nowUs
    this.deadlineUs = nowUs + (this.#transport.phase === 'idle' ? this.#owner.limits.maxIdleUs : lingerUs)
    this.#settle(outcome, nowUs, detail)
  }

  onError(nowUs: number, outcome: RequestOutcome, detail: string | null): void {
    if (outcome === 'overload') this.request.sentUs = -1
    this.#settle(outcome, nowUs, detail)
  }

  onIdleEnd(): void {
    this.#owner.onIdleEnd(this)
  }

  onClose(): void {
    this.#owner.onClose(this)
  }

  #write(nowUs: number): void {
    this.request.connectedUs = nowUs
    this.deadlineUs = nowUs + this.#owner.limits.timeoutUs
    this.#transport.send(this.request.seq)
  }

  /** Laws 1 and 2: a request ends once. Throws only on a bug of the driver. */
  #settle(outcome: RequestOutcome, nowUs: number, detail: string | null): void {
    const { request } = this
    if (!this.#inFlight)
      throw new Error(`Cannot settle request ${request.seq} as ${outcome}: it has been settled before`)
    this.#inFlight = false
    const { bytes, firstByteUs, status, pod, localPort } = this.#transport
    request.bytes = bytes
    request.firstByteUs = firstByteUs
    request.status = status
    request.pod = pod
    request.localPort = localPort
    request.settle(outcome, nowUs, detail)
    this.#owner.onSettled(this)
  }
}
