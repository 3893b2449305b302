/**
 * A connection of the driver: the state of the request in flight on it and its time limits. What ends the request — its response,
 * a failure that the transport reports, a time limit — settles it exactly once.
 *
 * After a response that ends the connection it is the server's turn to close first (RFC 9112 §9.6 for HTTP/1.1); the driver closes
 * itself a second later. So ports in TIME_WAIT do not pile up where the driver runs.
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
  /** The request in flight has ended; `connection.request` has its state until the next one begins. */
  onSettled(connection: Connection): void
  /** An idle connection takes no request any more. */
  onIdleEnd(connection: Connection): void
  /** The socket is gone. */
  onClose(connection: Connection): void
}

export interface TimeLimits {
  connectTimeoutUs: number
  /** From the request being written to the end of the response's headers. */
  timeoutUs: number
  /** From there to the end of the body. */
  bodyTimeoutUs: number
  /** A connection that has been idle for so long is closed. */
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
  /** Of the request in flight, or of the last one. */
  readonly request: RequestState
  /** When the request's present phase, or the wait for the server's FIN, has lasted too long, or the connection been idle. */
  deadlineUs: number = Number.POSITIVE_INFINITY
  idleSinceUs = -1
  /** Neighbours in the pool's queue. */
  older: Connection | null = null
  younger: Connection | null = null
  readonly #owner: ConnectionOwner
  readonly #transport: TransportConnection
  #inFlight = false

  /** Asks for the connection, which the first request is to wait for. */
  constructor(owner: ConnectionOwner, lane: Lane, number: number) {
    this.#owner = owner
    this.request = new RequestState(lane, number)
    this.#transport = owner.transport.open(lane, this)
  }

  get inFlight(): boolean {
    return this.#inFlight
  }

  /** Whether it takes a request at once. */
  get isIdle(): boolean {
    return !this.#inFlight && this.#transport.phase === 'idle'
  }

  /** When bytes of it were read last. */
  get lastReadUs(): number {
    return this.#transport.lastReadUs
  }

  /** When the server may close it, as far as it said so. */
  get keepUntilUs(): number {
    return this.#transport.keepUntilUs
  }

  /** Takes up a request: waits for the connection, or writes at once on one that is there. */
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

  /** Ends what has lasted too long. */
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

  /** Laws 1 and 2: a request ends once. Only a fault of the driver itself can make this throw. */
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
