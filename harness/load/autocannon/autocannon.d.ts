/** The part of autocannon 9.0.0 that is used here, as it has no types of its own; the contract test compares it with the package. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events'
  import type { Socket } from 'node:net'

  /** A client keeps one connection and has one request in flight on it. */
  export interface Client extends EventEmitter {
    conn: Socket
    reqsMade: number
    pipelinedRequests: { clear(): void }
    /** Set when the constructor connects. */
    timeoutTicker: { reschedule(ms: number): void; clear(): void }
    /** Builds the first of them at once. */
    setRequests(requests: Request[]): void
    _connect(): void
    _doRequest(): void
    _destroyConnection(): void
  }

  export interface Request {
    method: string
    path: string
    headers: Record<string, string>
    body?: string
    /** Called for each request right before it is built. */
    setupRequest: (parts: Request) => Request
  }

  export interface Options {
    url: string
    connections: number
    /** Seconds. */
    duration: number
    timeout?: number
    /** Milliseconds. */
    sampleInt: number
    ignoreCoordinatedOmission?: boolean
    /** Requests per second of each connection. */
    connectionRate?: number
    /** Called for each client in its constructor, before it connects for the first time. */
    setupClient?: (client: Client) => void
  }

  export interface Result {
    '2xx': number
    non2xx: number
    errors: number
    timeouts: number
    requests: { sent: number }
    latency: { p50: number; max: number; totalCount: number }
  }

  export interface Instance extends EventEmitter, PromiseLike<Result> {
    /** Ends the clients at the next sample. */
    stop(): void
  }

  const autocannon: (options: Options) => Instance
  export default autocannon
}
