/** What sends a load: the driver, or another tool whose every request is accounted for in the same way. */
import type { Accounting } from './accounting.ts'

export interface Engine {
  readonly accounting: Accounting
  /** The schedule's origin, negative before the start. */
  readonly startUs: number
  /** Called once, when every request is settled. */
  onDone: () => void
  /** Begins once; by default now. */
  start(startUs?: number): void
  /** Nothing becomes due after an instant, by default this one; what is in flight finishes or reaches its time limit (law 4). */
  stop(atUs?: number): void
  /** Resolves at a moment at which other work holds the load up least. */
  afterSending(): Promise<void>
}
