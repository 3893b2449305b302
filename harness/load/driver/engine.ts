/** A program part that sends a load: the driver, or another tool whose requests are all accounted for in the same way. */
import type { Accounting } from './accounting.ts'

export interface Engine {
  readonly accounting: Accounting
  /** The schedule's origin; negative before the start. */
  readonly startUs: number
  /** Called once all requests are settled. */
  onDone: () => void
  /** Starts the load, once; default: now. */
  start(startUs?: number): void
  /** After this instant (default: now) no request becomes due; requests in flight finish or reach their time limit (law 4). */
  stop(atUs?: number): void
  /** Resolves when other work delays the load least. */
  afterSending(): Promise<void>
}
