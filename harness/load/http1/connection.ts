/**
 * One TCP connection with at most one request in flight, written once and never again. Whatever ends the request — its
 * response, a FIN, a RST, a time limit — settles it exactly once.
 *
 * After a response that ends the connection (`Connection: close` from either side) it is the server's turn to close first
 * (RFC 9112 §9.6); the driver closes itself a second later. So ports in TIME_WAIT do not pile up where the driver runs.
 */
import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { monotonicUs } from '../../base/clock.ts'
import type { Lane } from '../../model/plan.ts'
import type { NotSentReason, Outcome } from '../../model/record.ts'
import { RequestState } from '../driver/record-buffer.ts'
import {
  classifySocketError,
  classifyEarlyClose,
  classifyConnectError,
  classifyResponse,
  timeoutOutcomes,
} from './outcome.ts'
import type { Stage } from './outcome.ts'
import { ResponseParser } from './response-parser.ts'
import type { Route, Routes } from '../driver/route.ts'

/** What all connections of a driver share. */
export interface ConnectionOwner {
  readonly routes: Routes
  readonly connectTimeoutUs: number
  readonly timeoutUs: number
  readonly bodyTimeoutUs: number
  /** A connection that has been idle for so long is closed. */
  readonly maxIdleUs: number
  /** The request in flight has ended; the connection's fields tell its story until the next one begins. */
  onSettled(connection: Connection, fate: Outcome | NotSentReason, atUs: number, detail: string | null): void
  /** The connection may take another request, until it leaves. */
  onIdle(connection: Connection): void
  onLeave(connection: Connection): void
  /** The socket is gone. */
  onClosed(connection: Connection): void
}

/** Every socket reads into this one: what is read is dealt with before the next read. */
const sharedBuffer = Buffer.allocUnsafeSlow(65_536)
const lingerUs = 1_000_000

/** Its fields as a story are those of the request in flight, or of the last one. */
export class Connection extends RequestState {
  /** When the request's present stage, or the wait for the server's FIN, has lasted too long, or the connection been idle. */
  deadlineUs: number = Number.POSITIVE_INFINITY
  idleSinceUs = -1
  /** When bytes of it were read last. */
  lastReadUs = -1
  /** When the server may close it, as far as it said so. */
  keepUntilUs: number = Number.POSITIVE_INFINITY
  /** Neighbours in the pool's queue. */
  older: Connection | null = null
  younger: Connection | null = null
  readonly #owner: ConnectionOwner
  readonly #route: Route
  readonly #socket: Socket
  readonly #parser: ResponseParser
  #stage: Stage | 'idle' | 'over' = 'idle'
  #connected = false

  /** Asks for the connection, which the first request is to wait for. */
  constructor(owner: ConnectionOwner, lane: Lane, number: number) {
    super(lane, number)
    this.#owner = owner
    this.#route = owner.routes[lane]
    const { dial, expected } = this.#route
    this.#parser = new ResponseParser(expected)
    this.#socket = dial.open({
      buffer: sharedBuffer,
      callback: (length, bytes) => this.#onBytes(length, bytes as Buffer),
    })
    this.#socket.once('connectionAttempt', () => process.nextTick(() => this.#takePort()))
    if (dial.readyEvent !== 'connect') this.#socket.once('connect', () => this.#onShaking())
    this.#socket.once(dial.readyEvent, () => this.#onConnect())
    this.#socket.once('end', () => this.#onEnd())
    this.#socket.once('error', (error: NodeJS.ErrnoException) => this.#onError(error.code ?? error.message))
    this.#socket.once('close', () => this.#onClose())
  }

  get inFlight(): boolean {
    return this.#stage !== 'idle' && this.#stage !== 'over'
  }

  /** Takes up a request: waits for the connection, or writes at once on one that is there. */
  send(seq: number, dueUs: number, nowUs: number): void {
    if (this.#stage !== 'idle')
      throw new Error(`Cannot send request ${seq}: connection ${this.connection} is ${this.#stage}`)
    this.start(seq, dueUs, nowUs)
    if (this.#connected) {
      this.connectedUs = nowUs
      this.idleUs = nowUs - this.idleSinceUs
      this.#write(nowUs)
    } else {
      this.#stage = 'connecting'
      this.deadlineUs = nowUs + this.#owner.connectTimeoutUs
    }
  }

  /** Ends what has lasted too long. */
  expire(nowUs: number): void {
    if (this.inFlight) this.#fail(timeoutOutcomes[this.#stage as Stage], nowUs, null)
    else this.destroy()
  }

  destroy(): void {
    if (this.inFlight)
      throw new Error(`Cannot close connection ${this.connection}: request ${this.seq} is in flight on it`)
    if (this.#stage === 'idle') this.#owner.onLeave(this)
    this.#stage = 'over'
    this.#socket.destroy()
  }

  #write(nowUs: number): void {
    const { before, after } = this.#route.text
    this.#stage = 'head'
    this.deadlineUs = nowUs + this.#owner.timeoutUs
    this.#parser.start(this.seq)
    this.#socket.write(before + this.seq + after, 'latin1')
  }

  /** The kernel has chosen the port together with sending the SYN; when that fails, the socket no longer knows it. */
  #takePort(): void {
    this.localPort = this.#socket.localPort ?? -1
  }

  /** The other side has taken the connection, and TLS is to begin on it. */
  #onShaking(): void {
    if (this.#stage === 'connecting') this.#stage = 'handshake'
  }

  #onConnect(): void {
    this.#connected = true
    if (this.#stage !== 'connecting' && this.#stage !== 'handshake') return
    this.connectedUs = monotonicUs()
    this.#write(this.connectedUs)
  }

  /** Returns true to go on reading. */
  #onBytes(length: number, bytes: Buffer): boolean {
    if (this.#stage === 'over') return true
    if (this.#stage === 'idle') {
      // RFC 9112 §9.2: data without an outstanding request is no response, and the connection is closed.
      this.destroy()
      return true
    }
    const nowUs = monotonicUs()
    this.lastReadUs = nowUs
    if (this.bytes === 0) this.firstByteUs = nowUs
    this.bytes += length
    const parser = this.#parser
    const progress = parser.feed(bytes, length)
    if (progress === 'done') this.#complete(nowUs)
    else if (progress === 'failed') this.#fail('protocol-error', nowUs, parser.problem)
    else if (parser.headDone && this.#stage === 'head') {
      this.#stage = 'body'
      this.deadlineUs = nowUs + this.#owner.bodyTimeoutUs
    }
    return true
  }

  /** The response is whole. */
  #complete(nowUs: number): void {
    const { head, reusable, endsByClose } = this.#parser
    this.#takeHead()
    const { outcome, detail } = classifyResponse(head, this.#parser.digest)
    const reuse = reusable && this.#route.keepsAlive
    this.#settle(
      outcome,
      nowUs,
      outcome === 'ok' && endsByClose ? 'ended by close: its length cannot be checked' : detail,
    )
    if (reuse) {
      this.#stage = 'idle'
      this.deadlineUs = nowUs + this.#owner.maxIdleUs
      this.idleSinceUs = nowUs
      this.keepUntilUs = head.keepAliveS < 0 ? Number.POSITIVE_INFINITY : nowUs + (head.keepAliveS - 1) * 1e6
      this.#owner.onIdle(this)
    } else {
      this.deadlineUs = nowUs + lingerUs
      if (endsByClose || this.#parser.excess) this.#socket.destroy()
    }
  }

  #takeHead(): void {
    const { status, pod } = this.#parser.head
    this.status = status === 0 ? -1 : status
    this.pod = pod
  }

  /** The request is lost, and the connection with it. */
  #fail(fate: Outcome | NotSentReason, nowUs: number, detail: string | null): void {
    this.#takeHead()
    this.#settle(fate, nowUs, detail)
    this.#socket.destroy()
  }

  /** Law 1 and 2: a request ends once. Only a fault of the driver itself can make this throw. */
  #settle(fate: Outcome | NotSentReason, nowUs: number, detail: string | null): void {
    if (!this.inFlight) throw new Error(`Cannot settle request ${this.seq} as ${fate}: it has been settled before`)
    this.#stage = 'over'
    this.#owner.onSettled(this, fate, nowUs, detail)
  }

  #onEnd(): void {
    if (!this.inFlight) return this.destroy()
    if (this.#parser.end() === 'done') this.#complete(monotonicUs())
    else this.#fail(classifyEarlyClose(this.bytes), monotonicUs(), null)
  }

  #onError(code: string): void {
    if (!this.inFlight) return this.destroy()
    if (this.#stage === 'connecting') this.#connectFailed(classifyConnectError(code), code)
    else this.#fail(classifySocketError(code, this.#stage as Stage, this.bytes), monotonicUs(), code)
  }

  #connectFailed(fate: Outcome | NotSentReason, code: string): void {
    const sentUs = this.sentUs
    if (fate === 'overload') this.sentUs = -1
    this.#fail(fate, Math.max(sentUs, monotonicUs()), code)
  }

  /** A closed socket must have failed its request; should the reason ever not have been told, the request is lost all the same. */
  #onClose(): void {
    if (this.inFlight) this.#fail(classifyEarlyClose(this.bytes), monotonicUs(), 'the socket closed without a reason')
    this.destroy()
    this.#owner.onClosed(this)
  }
}
