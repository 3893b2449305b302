/**
 * Pairs of whole numbers in as few bytes as possible: seven bits in a byte, the lowest first; the eighth bit marks that more follow. So 5
 * takes one byte and 300 two, 0b10101100 and 0b10.
 */
import { growColumn } from './grow-column.ts'

export class PackedPairs {
  #bytes = new Uint8Array(1 << 14)
  #size = 0
  /** Position of the next number to read. */
  #at = 0

  /** Number of bytes so far, which is where the next pair begins. */
  get size(): number {
    return this.#size
  }

  append(first: number, second: number): void {
    this.#appendNumber(first)
    this.#appendNumber(second)
  }

  /** Visits the pairs in `[from, to)`. */
  forEach(from: number, to: number, visit: (first: number, second: number) => void): void {
    this.#at = from
    while (this.#at < to) visit(this.#readNumber(), this.#readNumber())
  }

  #appendNumber(value: number): void {
    let rest = value
    while (rest > 127) {
      this.#appendByte((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    this.#appendByte(rest)
  }

  #appendByte(byte: number): void {
    if (this.#size === this.#bytes.length) this.#bytes = growColumn(this.#bytes)
    this.#bytes[this.#size++] = byte
  }

  #readNumber(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++]!
      value += (byte % 128) * scale
      if (byte < 128) return value
    }
  }
}
