/**
 * What the driver needs from a protocol: to open a connection, to send request number n on it, and to report how the exchange ends.
 * HTTP/1.1 is ../http1/http1-connection.ts.
 *
 * A connection carries at most one exchange at a time. A protocol that multiplexes provides one connection for each stream. Times are µs of
 * CLOCK_MONOTONIC.
 */
import type { Lane } from '../../model/plan.ts'
import type { RequestOutcome, Outcome } from '../../model/record.ts'

export interface Transport {
  /** Opens a connection for requests of a lane. Nothing is reported before this returns. */
  open(lane: Lane, handler: TransportHandler): TransportConnection
}

/** How far the exchange on a connection has got. */
export type ExchangePhase =
  | 'connecting'
  /** TCP is connected, TLS is not yet. */
  | 'handshake'
  /** The request is written; the head of the response is not complete, or not even begun. */
  | 'headers'
  | 'body'

/** The outcome of an exchange that exceeds the time limit in each phase. */
export const timeoutOutcomes: Record<ExchangePhase, Outcome> = {
  connecting: 'connect-timeout',
  handshake: 'connect-timeout',
  headers: 'timeout-headers',
  body: 'timeout-body',
}

export interface TransportConnection {
  /** `idle`: a request may be sent. `closed`: no further request may be sent. */
  readonly phase: ExchangePhase | 'idle' | 'closed'
  /** -1 until the kernel has chosen one. */
  readonly localPort: number
  /** When bytes were last read from it; -1 before the first. */
  readonly lastReadUs: number
  /** Until when the server keeps it open while idle, as far as the server said so. */
  readonly keepUntilUs: number
  /** Of the current or the last exchange: bytes of the response, when the first came (-1), its status (-1), and the pod that answered. */
  readonly bytes: number
  readonly firstByteUs: number
  readonly status: number
  readonly pod: string | null
  /** Writes request number `seq`, whole and once. Throws an Error unless the connection is idle. */
  send(seq: number): void
  /** Closes it; the handler gets no call but `onClose`. */
  destroy(): void
}

/** Each exchange ends with one call of `onComplete` or `onError`, unless the connection is destroyed first. */
export interface TransportHandler {
  /** The connection is idle for the first time. */
  onConnect(nowUs: number): void
  /** The head of the response is complete, its body is not. */
  onHeaders(nowUs: number): void
  /** The response is complete. `phase` says whether the connection takes another request. */
  onComplete(nowUs: number, outcome: Outcome, detail: string | null): void
  /** The exchange, or the attempt to connect for it, has failed. */
  onError(nowUs: number, outcome: RequestOutcome, detail: string | null): void
  /** An idle connection has ended. */
  onIdleEnd(): void
  /** The socket is gone. */
  onClose(): void
}
