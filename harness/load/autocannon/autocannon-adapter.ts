/**
 * One of autocannon's clients, fenced so that each of its requests ends exactly once.
 *
 * Left to itself (9.0.0) a client that meets the end of its connection connects again and forgets the request in flight, whose
 * place in the queue the next answer takes; it writes on connections that the server said it would close, counts a refusal as
 * often as it can, takes what it cannot read for nothing, and tells a timeout of a client that waits for no answer. The fence
 * takes over what connects, reads, disconnects and limits the time; what builds the requests, and the loop, stay
 * autocannon's. Its events are emitted, so that its own totals are those of the ledger.
 */
import type { Client, Request } from 'autocannon'
import type { Buffer } from 'node:buffer'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { monotonicUs } from '../../base/clock.ts'
import type { Lane } from '../../model/plan.ts'
import type { NotSentReason, Outcome } from '../../model/record.ts'
import type { Identification } from '../../model/workload.ts'
import { RequestState } from '../driver/record-buffer.ts'
import {
  classifySocketError,
  classifyEarlyClose,
  classifyConnectError,
  classifyResponse,
  timeoutOutcomes,
} from '../http1/outcome.ts'
import type { Stage } from '../http1/outcome.ts'
import { ResponseParser } from '../http1/response-parser.ts'

/** What all fences of an engine share. */
export interface AdapterOwner {
  readonly target: { host: string; port: number }
  readonly workload: string
  readonly identification: Identification
  readonly idPrefix: string
  readonly connectTimeoutMs: number
  readonly timeoutMs: number
  readonly bodyTimeoutMs: number
  /** The number of the next request, `null` when none may be sent now; then `resume` is called when one may. */
  takeNext(fence: AutocannonAdapter): number | null
  /** The request with a number, as autocannon builds it. */
  buildRequest(lane: Lane, seq: number): Pick<Request, 'method' | 'path' | 'headers' | 'body'>
  takeConnectionNumber(): number
  onSettled(fence: AutocannonAdapter, fate: Outcome | NotSentReason, atUs: number, detail: string | null): void
}

/** After a connection that did not come about. */
const backOffMs = 100

/** Its fields as a story are those of the request in flight, or of the last one. */
export class AutocannonAdapter extends RequestState {
  readonly #owner: AdapterOwner
  readonly #client: Client
  readonly #request: () => void
  readonly #parser: ResponseParser
  #stage: Stage | 'idle' = 'idle'
  #socket: Socket | null = null
  #connected = false
  #settledUs = -1
  #resting: NodeJS.Timeout | null = null
  #limit: NodeJS.Timeout | null = null

  constructor(owner: AdapterOwner, client: Client, lane: Lane) {
    super(lane)
    this.#owner = owner
    this.#client = client
    const toHead = owner.buildRequest(lane, 0).method === 'HEAD'
    const { idPrefix, workload, identification } = owner
    this.#parser = new ResponseParser({ idPrefix, workload, identification, toHead })
    this.#request = client._doRequest.bind(client)
    client._connect = () => this.#begin()
    client._doRequest = () => this.resume()
    client._destroyConnection = () => this.#giveUp()
  }

  get inFlight(): boolean {
    return this.#stage !== 'idle'
  }

  /** The client is complete. Its own ticker runs on while no request is in flight, and sets timers of negative time when late. */
  #begin(): void {
    this.#client.timeoutTicker.clear()
    this.#client.timeoutTicker = { reschedule: () => {}, clear: () => {} }
    this.resume()
  }

  /** Sends the next request, if it may. */
  resume(): void {
    if (this.inFlight || this.#resting !== null) return
    const seq = this.#owner.takeNext(this)
    if (seq === null) return
    const nowUs = monotonicUs()
    if (this.#socket === null) this.#connect()
    this.start(seq, nowUs, nowUs)
    this.#enter('connecting', this.#owner.connectTimeoutMs)
    if (this.#connected) this.#onConnect(nowUs)
    if (this.use > 1) this.idleUs = nowUs - this.#settledUs
    this.#parser.start(seq)
    // Autocannon builds the request and writes it, into a socket that may not be connected yet. Its first is built before.
    if (this.#client.reqsMade === 0) this.#client.setRequests([this.#template()])
    this.#request()
  }

  #template(): Request {
    return {
      ...this.#owner.buildRequest(this.lane, this.seq),
      setupRequest: (parts) => ({ ...parts, ...this.#owner.buildRequest(this.lane, this.seq) }),
    }
  }

  #connect(): void {
    const { host, port } = this.#owner.target
    const socket = connect({ host, port, autoSelectFamily: false })
    this.#socket = socket
    this.#client.conn = socket
    this.#connected = false
    this.connection = this.#owner.takeConnectionNumber()
    this.use = 0
    this.localPort = -1
    this.pod = null
    this.previousPod = null
    const ifCurrent = (act: () => void): void => void (this.#socket === socket && act())
    socket.on('connect', () => ifCurrent(() => this.#onConnect(monotonicUs())))
    socket.on('data', (bytes: Buffer) => ifCurrent(() => this.#onBytes(bytes)))
    socket.on('end', () => ifCurrent(() => this.#onEnd()))
    socket.on('error', (error: NodeJS.ErrnoException) => ifCurrent(() => this.#onError(error.code ?? error.message)))
  }

  #onConnect(nowUs: number): void {
    this.#connected = true
    this.localPort = this.#socket?.localPort ?? -1
    if (this.#stage !== 'connecting') return
    this.connectedUs = nowUs
    this.#enter('head', this.#owner.timeoutMs)
  }

  #onBytes(bytes: Buffer): void {
    // RFC 9112 §9.2: data without an outstanding request is no response, and the connection is closed.
    if (!this.inFlight) return this.#disconnect()
    const nowUs = monotonicUs()
    if (this.bytes === 0) this.firstByteUs = nowUs
    this.bytes += bytes.length
    const progress = this.#parser.feed(bytes, bytes.length)
    if (progress === 'done') this.#complete(nowUs)
    else if (progress === 'failed') this.#fail('protocol-error', nowUs, this.#parser.problem)
    else if (this.#parser.headDone && this.#stage === 'head') this.#enter('body', this.#owner.bodyTimeoutMs)
  }

  #onEnd(): void {
    if (!this.inFlight) this.#disconnect()
    else if (this.#parser.end() === 'done') this.#complete(monotonicUs())
    else this.#fail(classifyEarlyClose(this.bytes), monotonicUs(), null)
  }

  #onError(code: string): void {
    if (!this.inFlight) return this.#disconnect()
    const nowUs = monotonicUs()
    if (this.#stage !== 'connecting')
      return this.#fail(classifySocketError(code, this.#stage as Stage, this.bytes), nowUs, code)
    const fate = classifyConnectError(code)
    if (fate === 'overload') this.sentUs = -1
    this.#rest()
    this.#fail(fate, nowUs, code)
  }

  #enter(stage: Stage, limitMs: number): void {
    this.#stage = stage
    clearTimeout(this.#limit ?? undefined)
    // After the poll phase: an answer that had arrived in time is read before its time limit is looked at.
    const expireIfCurrent = (): void => void (this.#limit === limit && this.#expire())
    const limit = setTimeout(() => setImmediate(expireIfCurrent), limitMs)
    this.#limit = limit
  }

  #expire(): void {
    this.#giveUp()
    this.#client.emit('timeout')
    this.resume()
  }

  /** The time limit has passed, or autocannon ends. */
  #giveUp(): void {
    if (!this.inFlight) return this.#disconnect()
    this.#takeHead()
    this.#settle(timeoutOutcomes[this.#stage as Stage], monotonicUs(), null)
    this.#disconnect()
  }

  #complete(nowUs: number): void {
    const { head, reusable, endsByClose } = this.#parser
    this.#takeHead()
    const { outcome, detail } = classifyResponse(head, this.#parser.digest)
    const took = (nowUs - this.sentUs) / 1000
    this.#settle(
      outcome,
      nowUs,
      outcome === 'ok' && endsByClose ? 'ended by close: its length cannot be checked' : detail,
    )
    // A fresh connection for each request is autocannon's `reconnectRate: 1`: it is the client that closes.
    if (!reusable || this.lane === 'fresh') this.#disconnect()
    this.#client.emit('response', head.status, this.bytes, took)
    this.resume()
  }

  #fail(fate: Outcome | NotSentReason, nowUs: number, detail: string | null): void {
    this.#takeHead()
    this.#settle(fate, nowUs, detail)
    this.#disconnect()
    this.#client.emit('connError', new Error(detail ?? fate))
    this.resume()
  }

  #takeHead(): void {
    const { status, pod } = this.#parser.head
    this.status = status === 0 || this.bytes === 0 ? -1 : status
    this.pod = this.bytes === 0 ? null : pod
  }

  #settle(fate: Outcome | NotSentReason, nowUs: number, detail: string | null): void {
    this.#stage = 'idle'
    clearTimeout(this.#limit ?? undefined)
    this.#limit = null
    this.#settledUs = nowUs
    this.#client.pipelinedRequests.clear()
    this.#owner.onSettled(this, fate, nowUs, detail)
  }

  #disconnect(): void {
    this.#socket?.destroy()
    this.#socket = null
  }

  #rest(): void {
    this.#resting = setTimeout(() => {
      this.#resting = null
      this.resume()
    }, backOffMs)
  }
}
