/** The open connections of an engine, and the check of their time limits. */
import { monotonicUs } from '../../base/clock.ts'
import type { Connection } from './connection.ts'

/** Interval between two checks of the time limits. */
const sweepMs = 10

export class OpenConnections {
  readonly #open = new Set<Connection>()
  #sweeper: NodeJS.Timeout | null = null

  get size(): number {
    return this.#open.size
  }

  add(connection: Connection): void {
    this.#open.add(connection)
  }

  delete(connection: Connection): void {
    this.#open.delete(connection)
  }

  /** Begins to enforce the time limits, until the connections are destroyed. */
  startSweeping(): void {
    this.#sweeper ??= setInterval(() => this.#sweepLater(monotonicUs()), sweepMs)
  }

  /** Closes all connections; none may have a request in flight. */
  destroy(): void {
    if (this.#sweeper !== null) clearInterval(this.#sweeper)
    for (const connection of this.#open) connection.destroy()
  }

  /**
   * Time limits are compared with an instant before the loop's poll phase, but enforced after it: data that had arrived by that instant has
   * then been read, however long the reading took. A FIN or RST behind data is read one turn later, so a connection that has just been read
   * from is checked at the next sweep.
   */
  #sweepLater(nowUs: number): void {
    setImmediate(() => {
      for (const connection of this.#open) {
        if (connection.deadlineUs <= nowUs && connection.lastReadUs < nowUs) connection.expire(monotonicUs())
      }
    })
  }
}
