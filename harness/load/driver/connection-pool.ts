/**
 * The idle connections of one lane, and which of them a request gets.
 *
 * - The one that has been idle longest, if it has been idle for the think time; otherwise a new connection is opened. So at a
 *   steady rate every connection gets its turn, one after another, and none is forgotten until the server gives it up.
 * - At most `maxIdle` are kept; one that would be more is closed when its request has ended.
 * - The server's `Connection: close` is obeyed always, its `Keep-Alive: timeout=` only if the plan says so.
 * - One that has had `uses` requests is closed when the last of them has ended, and one that is idle for longer than the plan
 *   allows then; without such limits how long a connection lives is up to the server.
 * - A FIN or RST that arrives while a connection is idle removes it, and no request is lost. Requests are sent right after
 *   everything that had arrived was read; only what is still on its way then can hit a request.
 */
import type { ReusePlan } from '../../model/load/client.ts'
import type { Connection } from './connection.ts'

export interface PoolOptions extends Pick<ReusePlan, 'uses' | 'obeysKeepAliveTimeout'> {
  thinkUs: number
  maxIdle: number
}

export class ConnectionPool {
  readonly #options: PoolOptions
  #oldest: Connection | null = null
  #youngest: Connection | null = null
  #size = 0

  constructor(options: PoolOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#size
  }

  /** The connection a request may have now, or `null` when a new one must be opened. */
  take(nowUs: number): Connection | null {
    for (;;) {
      const connection = this.#oldest
      if (connection === null || nowUs - connection.idleSinceUs < this.#options.thinkUs) return null
      this.remove(connection)
      if (!this.#options.obeysKeepAliveTimeout || nowUs < connection.keepUntilUs) return connection
      connection.destroy()
    }
  }

  /** Keeps a connection that has just become idle, or closes it. */
  put(connection: Connection): void {
    const { maxIdle, uses } = this.#options
    if (this.#size >= maxIdle || (uses !== null && connection.request.use >= uses)) return connection.destroy()
    connection.older = this.#youngest
    connection.younger = null
    if (this.#youngest === null) this.#oldest = connection
    else this.#youngest.younger = connection
    this.#youngest = connection
    this.#size++
  }

  /** Takes a connection out, if it is in. */
  remove(connection: Connection): void {
    const { older, younger } = connection
    if (older === null && this.#oldest !== connection) return
    if (older === null) this.#oldest = younger
    else older.younger = younger
    if (younger === null) this.#youngest = older
    else younger.older = older
    connection.older = null
    connection.younger = null
    this.#size--
  }

  clear(): void {
    for (let connection = this.#oldest; connection !== null; connection = this.#oldest) {
      this.remove(connection)
      connection.destroy()
    }
  }
}
