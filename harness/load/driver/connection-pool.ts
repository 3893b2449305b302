/**
 * The idle connections of one lane, and which of them a request gets.
 *
 * - A request gets the connection that has been idle longest, if for at least the think time; otherwise a new one is opened. So at a steady
 *   rate all connections are used in turn, and none stays idle until the server closes it.
 * - At most `maxIdle` are kept; any further one is closed when its request has ended.
 * - The server's `Connection: close` is always obeyed, its `Keep-Alive: timeout=` only if the plan says so.
 * - A connection is closed after its `uses`-th request has ended, or when it is idle for longer than the plan allows; without such limits
 *   the server decides how long it lives.
 * - A FIN or RST that arrives while a connection is idle removes it, and no request is lost. Requests are sent right after everything that
 *   has arrived was read, so that only a FIN or RST still on its way can hit one.
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

  /** Returns an idle connection that may be used now, or `null` when a new one must be opened. */
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

  /** Removes a connection from the pool, if it is there. */
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
