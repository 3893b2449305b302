/** The wall clock of times that the kernel counts from an instant of its own. */

/** The kernel counts ticks: 100 a second at the least. */
const tickMs = 10

/** Each reading says only that it was made within a span; all together say more. */
export class KernelClock {
  #fromMs = -Infinity
  #toMs = Infinity

  /** `ageMs` was read at some instant in a span of the wall clock. */
  narrow(ageMs: number, { fromMs, toMs }: { fromMs: number; toMs: number }): void {
    const [from, to] = [fromMs - ageMs - tickMs, toMs - ageMs + tickMs]
    // Clocks that have drifted apart, or been set: the latest reading is what holds.
    const isApart = from > this.#toMs || to < this.#fromMs
    this.#fromMs = isApart ? from : Math.max(from, this.#fromMs)
    this.#toMs = isApart ? to : Math.min(to, this.#toMs)
  }

  toWallMs(ageMs: number): number {
    return (this.#fromMs + this.#toMs) / 2 + ageMs
  }
}
