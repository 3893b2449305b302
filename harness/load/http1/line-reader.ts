/** Finds the lines of a head, or around chunks, in pieces of any length; a byte that no line may contain is a problem. */
import { Buffer } from 'node:buffer'

/** Maximum length of a line, and of all lines of a trailer or of a head with its interim responses, in bytes. */
const lineLimit = 16_384
const headLimit = 65_536

const lf = 0x0a
const cr = 0x0d
const tab = 0x09

const none = Buffer.alloc(0)

/** The last line found is in `[from, to)` of `bytes`, without its line end. */
export class LineReader {
  bytes: Buffer = none
  from = 0
  to = 0
  problem: string | null = null
  /** The beginning of a line that is not complete yet. */
  #carry: Buffer | null = null
  /** Bytes of all lines since the last `startSection`. */
  #total = 0

  reset(): void {
    this.problem = null
    this.#carry = null
    this.#total = 0
  }

  /** Starts a new section: the next bytes do not belong to the head before. */
  startSection(): void {
    this.#total = 0
  }

  /**
   * Reads bytes up to and including the end of a line. Returns the offset to continue at, with the line complete. Returns 0 when the line
   * is incomplete, and keeps its beginning, or when there is a problem.
   */
  read(bytes: Buffer, from: number, length: number): number {
    const end = this.#endOf(bytes, from, length)
    this.#total += end - from
    const carried = this.#carry === null ? 0 : this.#carry.length
    if (carried + end - from > lineLimit || this.#total > headLimit) this.problem ??= 'head too large'
    if (this.problem !== null) return end
    if (end === length) {
      const part = Buffer.from(bytes.subarray(from, end))
      this.#carry = this.#carry === null ? part : Buffer.concat([this.#carry, part])
      return 0
    }
    if (this.#carry === null) this.#set(bytes, from, end)
    else {
      const line = Buffer.concat([this.#carry, bytes.subarray(from, end)])
      this.#carry = null
      this.#set(line, 0, line.length)
    }
    return end + 1
  }

  /** The position of the LF or of the first invalid byte; `length` when there is neither. */
  #endOf(bytes: Buffer, from: number, length: number): number {
    let at = from
    if (this.#carry !== null && this.#carry.at(-1) === cr && bytes[at] !== lf) return this.#fail('CR without LF', at)
    for (; at < length; at++) {
      const byte = bytes[at]!
      if (byte >= 0x20 || byte === tab) continue
      if (byte === lf) break
      if (byte !== cr) return this.#fail('control character in a head', at)
      if (at + 1 < length && bytes[at + 1] !== lf) return this.#fail('CR without LF', at)
    }
    return at
  }

  #fail(problem: string, at: number): number {
    this.problem = problem
    return at
  }

  #set(bytes: Buffer, from: number, end: number): void {
    this.bytes = bytes
    this.from = from
    this.to = end > from && bytes[end - 1] === cr ? end - 1 : end
  }
}
