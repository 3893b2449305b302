/**
 * HTTP/1.1 as a transport: one TCP connection with at most one request in flight, which is written once and never again. The end of an
 * exchange, by its response, a FIN or a RST, is reported exactly once.
 */
import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { monotonicUs } from '../../base/clock.ts'
import type { RequestOutcome } from '../../model/record.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import type { ExchangePhase, Transport, TransportConnection, TransportHandler } from '../driver/transport.ts'
import { classifyConnectError, classifyEarlyClose, classifyResponse, classifySocketError } from './outcome.ts'
import { ResponseParser } from './response-parser.ts'
import { createRoutes } from './route.ts'
import type { Route } from './route.ts'

/** Every socket reads into this buffer: each read is processed before the next. */
const sharedBuffer = Buffer.allocUnsafeSlow(65_536)

export function createHttp1Transport(plan: DriverPlan): Transport {
  const routes = createRoutes(plan)
  return { open: (lane, handler) => new Http1Connection(routes[lane], handler) }
}

export class Http1Connection implements TransportConnection {
  phase: TransportConnection['phase'] = 'connecting'
  localPort = -1
  lastReadUs = -1
  keepUntilUs: number = Number.POSITIVE_INFINITY
  bytes = 0
  firstByteUs = -1
  status = -1
  pod: string | null = null
  readonly #route: Route
  readonly #handler: TransportHandler
  readonly #socket: Socket
  readonly #parser: ResponseParser

  constructor(route: Route, handler: TransportHandler) {
    this.#route = route
    this.#handler = handler
    this.#parser = new ResponseParser(route.expected)
    const { dialer } = route
    const socket = dialer.open({
      buffer: sharedBuffer,
      callback: (length, bytes) => this.#onRead(length, bytes as Buffer),
    })
    this.#socket = socket
    socket.once('connectionAttempt', () => process.nextTick(() => this.#takePort()))
    if (dialer.readyEvent !== 'connect') socket.once('connect', () => this.#onHandshake())
    socket.once(dialer.readyEvent, () => this.#onConnect())
    socket.once('end', () => this.#onEnd())
    socket.once('error', (error: NodeJS.ErrnoException) => this.#onError(error.code ?? error.message))
    socket.once('close', () => this.#onClose())
  }

  send(seq: number): void {
    if (this.phase !== 'idle') throw new Error(`Cannot send request ${seq}: the connection is ${this.phase}`)
    this.phase = 'headers'
    this.bytes = 0
    this.firstByteUs = -1
    this.status = -1
    this.pod = null
    this.#parser.start(seq, this.#route.termsOf(seq))
    this.#route.write(this.#socket, seq)
  }

  destroy(): void {
    if (isBusy(this.phase)) this.#takeHead()
    this.phase = 'closed'
    this.#socket.destroy()
  }

  /** The kernel chooses the port when it sends the SYN; if connecting fails, the socket no longer knows it. */
  #takePort(): void {
    this.localPort = this.#socket.localPort ?? -1
  }

  /** Called when TCP is connected and the TLS handshake begins. */
  #onHandshake(): void {
    if (this.phase === 'connecting') this.phase = 'handshake'
  }

  #onConnect(): void {
    if (this.phase !== 'connecting' && this.phase !== 'handshake') return
    this.phase = 'idle'
    this.#handler.onConnect(monotonicUs())
  }

  /** Returns true to continue reading. */
  #onRead(length: number, bytes: Buffer): boolean {
    // RFC 9112 §9.2: data without an outstanding request is not a response; the connection is closed.
    if (!isBusy(this.phase)) {
      if (this.phase === 'idle') this.#endIdle()
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
    else if (parser.headDone && this.phase === 'headers') {
      this.phase = 'body'
      this.#handler.onHeaders(nowUs)
    }
    return true
  }

  /** The response is whole. */
  #complete(nowUs: number): void {
    const { head, reusable, endsByClose, excess } = this.#parser
    this.#takeHead()
    const { outcome, detail } = classifyResponse(head, this.#parser.examine())
    const isKept = reusable && this.#route.keepsAlive
    if (isKept) this.keepUntilUs = head.keepAliveS < 0 ? Number.POSITIVE_INFINITY : nowUs + (head.keepAliveS - 1) * 1e6
    this.phase = isKept ? 'idle' : 'closed'
    const isUnchecked = outcome === 'ok' && endsByClose
    this.#handler.onComplete(nowUs, outcome, isUnchecked ? 'ended by close: its length cannot be checked' : detail)
    if (!isKept && (endsByClose || excess)) this.#socket.destroy()
  }

  #takeHead(): void {
    const { status, pod } = this.#parser.head
    this.status = status === 0 ? -1 : status
    this.pod = pod
  }

  /** Fails the exchange and closes the connection. */
  #fail(outcome: RequestOutcome, nowUs: number, detail: string | null): void {
    this.#takeHead()
    this.phase = 'closed'
    this.#handler.onError(nowUs, outcome, detail)
    this.#socket.destroy()
  }

  #endIdle(): void {
    this.phase = 'closed'
    this.#handler.onIdleEnd()
    this.#socket.destroy()
  }

  #onEnd(): void {
    if (!isBusy(this.phase)) this.#endUnused()
    else if (this.#parser.end() === 'done') this.#complete(monotonicUs())
    else this.#fail(classifyEarlyClose(this.bytes), monotonicUs(), null)
  }

  #onError(code: string): void {
    const { phase } = this
    if (!isBusy(phase)) this.#endUnused()
    else if (phase === 'connecting') this.#fail(classifyConnectError(code), monotonicUs(), code)
    else this.#fail(classifySocketError(code, phase, this.bytes), monotonicUs(), code)
  }

  #endUnused(): void {
    if (this.phase === 'idle') this.#endIdle()
    else this.#socket.destroy()
  }

  /** A closed socket must have failed its exchange; if no reason was reported, the exchange is lost all the same. */
  #onClose(): void {
    if (isBusy(this.phase))
      this.#fail(classifyEarlyClose(this.bytes), monotonicUs(), 'the socket closed without a reason')
    else if (this.phase === 'idle') this.#endIdle()
    this.#handler.onClose()
  }
}

/** Whether a request is in flight on a connection or waits for it to open. */
function isBusy(phase: TransportConnection['phase']): phase is ExchangePhase {
  return phase !== 'idle' && phase !== 'closed'
}
