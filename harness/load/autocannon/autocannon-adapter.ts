/**
 * Runs one of autocannon's clients on a connection of the driver, so that each of its requests ends exactly once.
 *
 * Autocannon 9.0.0 by itself reconnects when a connection ends and forgets the request in flight; the next answer is then counted for that
 * request. It also writes on connections that the server said it would close, counts one refusal many times, ignores what it cannot parse,
 * and reports a timeout for a client that waits for no answer. Here the driver's code therefore connects, reads, disconnects and limits the
 * time; autocannon's code builds and writes the requests and runs the loop. The adapter emits autocannon's events, so that autocannon's own
 * totals match the records.
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

/** What all adapters of one engine share. */
export interface AdapterOwner {
  readonly limits: TimeLimits
  readonly routes: Routes
  /** Returns the number of the next request, or `null` when none may be sent now; `resume` is then called once one may. */
  takeNext(adapter: AutocannonAdapter): number | null
  /** Builds request number `seq` as autocannon does. */
  buildRequest(lane: Lane, seq: number): Pick<Request, 'method' | 'path' | 'headers' | 'body'>
  /** Opens a connection. */
  connect(adapter: AutocannonAdapter, lane: Lane): Connection
  onSettled(request: RequestState): void
  onClose(connection: Connection): void
}

/** The pause after a connection that could not be opened, in ms. */
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

  /** Runs once the client is complete. Stops its own ticker, which also runs while idle, with negative timers when late. */
  #begin(): void {
    this.#client.timeoutTicker.clear()
    this.#client.timeoutTicker = { reschedule: () => {}, clear: () => {} }
    this.resume()
  }

  /** Sends the next request, if one may be sent. */
  resume(): void {
    if (this.#isDestroyed || this.#resting !== null || this.#connection?.inFlight) return
    const seq = this.#owner.takeNext(this)
    if (seq === null) return
    this.#connection ??= this.#owner.connect(this, this.#lane)
    const nowUs = monotonicUs()
    this.#connection.send(seq, nowUs, nowUs)
  }

  /** Lets autocannon build the request and write it. */
  #write(socket: Socket, seq: number): void {
    this.#client.conn = socket
    this.#seq = seq
    // Autocannon builds the first request early, and each later one when it is written.
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
    // One fresh connection for each request is autocannon's `reconnectRate: 1`, with which the client closes the connection.
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

  /** Reports the request to autocannon, which counts events. */
  #report({ outcome, status, bytes, sentUs, settledUs, detail }: RequestState): void {
    // The outcomes that autocannon counts as responses.
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

  /** Called by autocannon when it ends. */
  #destroy(): void {
    this.#isDestroyed = true
    if (this.#connection?.inFlight) this.#connection.expire(monotonicUs())
    this.#disconnect()
  }
}
