/** The wall-clock times of instants that the kernel counts from an instant of its own. */

/** The kernel counts ticks: at least 100 a second. */
const tickMs = 10

/** Each reading was made within a span of time; together they are more precise. */
export class KernelClock {
  #fromMs = -Infinity
  #toMs = Infinity

  /** `ageMs` was read at some instant within a span of the wall clock. */
  narrow(ageMs: number, { fromMs, toMs }: { fromMs: number; toMs: number }): void {
    const [from, to] = [fromMs - ageMs - tickMs, toMs - ageMs + tickMs]
    // The clocks have drifted apart or were set: the latest reading counts.
    const isApart = from > this.#toMs || to < this.#fromMs
    this.#fromMs = isApart ? from : Math.max(from, this.#fromMs)
    this.#toMs = isApart ? to : Math.min(to, this.#toMs)
  }

  toWallMs(ageMs: number): number {
    return (this.#fromMs + this.#toMs) / 2 + ageMs
  }
}
