/**
 * What the driver asks of a protocol: to open a connection, to send request number n on it, and to report what becomes of the
 * exchange. HTTP/1.1 is ../http1/http1-connection.ts.
 *
 * A connection carries at most one exchange at a time. A protocol that multiplexes gives out a connection for each of its streams.
 * Times are µs of CLOCK_MONOTONIC.
 */
import type { Lane } from '../../model/plan.ts'
import type { RequestOutcome, Outcome } from '../../model/record.ts'

export interface Transport {
  /** Asks for a connection for requests of a lane. Nothing is reported before this returns. */
  open(lane: Lane, handler: TransportHandler): TransportConnection
}

/** How far the exchange on a connection has come. */
export type ExchangePhase =
  | 'connecting'
  /** TCP is there, TLS not yet. */
  | 'handshake'
  /** Written; no byte of a response yet, or not the whole head. */
  | 'headers'
  | 'body'

/** What an exchange is that has been in a phase for too long. */
export const timeoutOutcomes: Record<ExchangePhase, Outcome> = {
  connecting: 'connect-timeout',
  handshake: 'connect-timeout',
  headers: 'timeout-headers',
  body: 'timeout-body',
}

export interface TransportConnection {
  /** `idle`: a request may be sent. `closed`: it takes no more of them. */
  readonly phase: ExchangePhase | 'idle' | 'closed'
  /** -1 where the kernel has chosen none yet. */
  readonly localPort: number
  /** When bytes of it were read last, -1 before. */
  readonly lastReadUs: number
  /** When the server may close it while it is idle, as far as it said so. */
  readonly keepUntilUs: number
  /** Of the exchange under way, or of the last one: bytes of the response, when the first came (-1), its status (-1), who answered. */
  readonly bytes: number
  readonly firstByteUs: number
  readonly status: number
  readonly pod: string | null
  /** Writes request number `seq`, whole and once. Throws an Error unless the connection is idle. */
  send(seq: number): void
  /** Closes it, without a word to the handler but `onClose`. */
  destroy(): void
}

/** Each exchange ends with one call of `onComplete` or `onError`, unless the connection is destroyed before. */
export interface TransportHandler {
  /** The connection is idle for the first time. */
  onConnect(nowUs: number): void
  /** The head of the response is complete, its body not yet. */
  onHeaders(nowUs: number): void
  /** The response is whole. `phase` says whether the connection takes another request. */
  onComplete(nowUs: number, outcome: Outcome, detail: string | null): void
  /** The exchange is lost, or the connection that it waited for. */
  onError(nowUs: number, outcome: RequestOutcome, detail: string | null): void
  /** An idle connection has ended. */
  onIdleEnd(): void
  /** The socket is gone. */
  onClose(): void
}
