/** The connections of an engine that are open, and the time limits of what happens on them. */
import { monotonicUs } from '../../base/clock.ts'
import type { Connection } from './connection.ts'

/** How often time limits are looked at. */
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

  /** Holds them to their time limits, until they are destroyed. */
  startSweeping(): void {
    this.#sweeper ??= setInterval(() => this.#sweepLater(monotonicUs()), sweepMs)
  }

  /** Closes them all, of which none has a request in flight. */
  destroy(): void {
    if (this.#sweeper !== null) clearInterval(this.#sweeper)
    for (const connection of this.#open) connection.destroy()
  }

  /**
   * Time limits are those of an instant before the loop's poll phase and looked at after it: whatever had arrived by that
   * instant has been read by then, however long the reading took. Only a FIN or RST behind bytes takes another turn to be
   * read: what has just been read from is left until the next look.
   */
  #sweepLater(nowUs: number): void {
    setImmediate(() => {
      for (const connection of this.#open) {
        if (connection.deadlineUs <= nowUs && connection.lastReadUs < nowUs) connection.expire(monotonicUs())
      }
    })
  }
}
