/**
 * One of autocannon's clients, on a connection of ours, so that each of its requests ends exactly once.
 *
 * Left to itself (9.0.0) a client that meets the end of its connection connects again and forgets the request in flight, whose
 * place in the queue the next answer takes; it writes on connections that the server said it would close, counts a refusal as
 * often as it can, takes what it cannot read for nothing, and reports a timeout of a client that waits for no answer. So what
 * connects, reads, disconnects and limits the time is the driver's here; what builds and writes the requests, and the loop, stay
 * autocannon's. Its events are emitted, so that its own totals are those of the records.
 */
import type { Client, Request } from 'autocannon'
import type { Socket } from 'node:net'
import { monotonicUs } from '../../base/clock.ts'
import type { Lane } from '../../model/plan.ts'
import { answeredOutcomes } from '../../model/record.ts'
import type { RequestOutcome } from '../../model/record.ts'
import type { Connection, ConnectionOwner, TimeLimits } from '../driver/connection.ts'
import type { RequestState } from '../driver/request-state.ts'
import { timeoutOutcomes } from '../driver/transport.ts'
import type { Transport } from '../driver/transport.ts'
import { Http1Connection } from '../http1/http1-connection.ts'
import type { Route, Routes } from '../http1/route.ts'

/** What all adapters of an engine share. */
export interface AdapterOwner {
  readonly limits: TimeLimits
  readonly routes: Routes
  /** The number of the next request, `null` when none may be sent now; then `resume` is called when one may. */
  takeNext(adapter: AutocannonAdapter): number | null
  /** The request with a number, as autocannon builds it. */
  buildRequest(lane: Lane, seq: number): Pick<Request, 'method' | 'path' | 'headers' | 'body'>
  /** Asks for a connection. */
  connect(adapter: AutocannonAdapter, lane: Lane): Connection
  onSettled(request: RequestState): void
  onClose(connection: Connection): void
}

/** After a connection that did not come about. */
const backOffMs = 100

const timedOut: ReadonlySet<RequestOutcome> = new Set(Object.values(timeoutOutcomes))

export class AutocannonAdapter implements ConnectionOwner {
  readonly limits: TimeLimits
  readonly transport: Transport
  readonly #owner: AdapterOwner
  readonly #client: Client
  readonly #lane: Lane
  readonly #doRequest: () => void
  #connection: Connection | null = null
  #seq = -1
  #resting: NodeJS.Timeout | null = null
  #isDestroyed = false

  constructor(owner: AdapterOwner, client: Client, lane: Lane) {
    this.#owner = owner
    this.#client = client
    this.#lane = lane
    this.limits = owner.limits
    const route: Route = { ...owner.routes[lane], write: (socket, seq) => this.#write(socket, seq) }
    this.transport = { open: (_, handler) => new Http1Connection(route, handler) }
    this.#doRequest = client._doRequest.bind(client)
    client._connect = () => this.#begin()
    client._doRequest = () => this.resume()
    client._destroyConnection = () => this.#destroy()
  }

  /** The client is complete. Its own ticker runs on while no request is in flight, and sets timers of negative time when late. */
  #begin(): void {
    this.#client.timeoutTicker.clear()
    this.#client.timeoutTicker = { reschedule: () => {}, clear: () => {} }
    this.resume()
  }

  /** Sends the next request, if it may. */
  resume(): void {
    if (this.#isDestroyed || this.#resting !== null || this.#connection?.inFlight) return
    const seq = this.#owner.takeNext(this)
    if (seq === null) return
    this.#connection ??= this.#owner.connect(this, this.#lane)
    const nowUs = monotonicUs()
    this.#connection.send(seq, nowUs, nowUs)
  }

  /** Autocannon builds the request and writes it. */
  #write(socket: Socket, seq: number): void {
    this.#client.conn = socket
    this.#seq = seq
    // Its first is built before; each later one when it is written.
    if (this.#client.reqsMade === 0) this.#client.setRequests([this.#createTemplate()])
    this.#doRequest()
  }

  #createTemplate(): Request {
    const build = () => this.#owner.buildRequest(this.#lane, this.#seq)
    return { ...build(), setupRequest: (parts) => ({ ...parts, ...build() }) }
  }

  onSettled(connection: Connection): void {
    const { request } = connection
    this.#client.pipelinedRequests.clear()
    this.#owner.onSettled(request)
    // A fresh connection for each request is autocannon's `reconnectRate: 1`: it is the client that closes.
    if (!connection.isIdle) this.#disconnect()
    this.#report(request)
    if (request.connectedUs < 0) this.#rest()
    else this.resume()
  }

  onIdleEnd(): void {
    this.#connection = null
  }

  onClose(connection: Connection): void {
    this.#owner.onClose(connection)
  }

  /** To autocannon, which counts its events. */
  #report({ outcome, status, bytes, sentUs, settledUs, detail }: RequestState): void {
    // What autocannon calls a response.
    if (answeredOutcomes.has(outcome)) this.#client.emit('response', status, bytes, (settledUs - sentUs) / 1000)
    else if (timedOut.has(outcome)) this.#client.emit('timeout')
    else this.#client.emit('connError', new Error(detail ?? outcome))
  }

  #disconnect(): void {
    const connection = this.#connection
    this.#connection = null
    connection?.destroy()
  }

  #rest(): void {
    this.#resting = setTimeout(() => {
      this.#resting = null
      this.resume()
    }, backOffMs)
  }

  /** Autocannon ends. */
  #destroy(): void {
    this.#isDestroyed = true
    if (this.#connection?.inFlight) this.#connection.expire(monotonicUs())
    this.#disconnect()
  }
}
