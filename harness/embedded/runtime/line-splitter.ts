import { monotonicUs } from '../../base/clock.ts'
import type { LogLine } from './runtime.ts'

/** A longer line is split into pieces of this many bytes, as by containerd's CRI logger (`max_container_log_line_size`). */
export const lineLimitBytes = 16_384

/**
 * Splits a container's bytes into lines, each stamped when its last byte arrived. A line is always valid text: invalid UTF-8 becomes
 * U+FFFD.
 */
export class LineSplitter {
  readonly #stream: LogLine['stream']
  readonly #onLine: (line: LogLine) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(stream: LogLine['stream'], onLine: (line: LogLine) => void) {
    this.#stream = stream
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    const atUs = monotonicUs()
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let from = 0
    while (from < bytes.length) {
      const newline = bytes.indexOf(10, from)
      const to = newline === -1 ? bytes.length : newline
      if (to - from > lineLimitBytes) {
        const cut = findCharacterStart(bytes, from + lineLimitBytes)
        this.#emit(bytes.subarray(from, cut), atUs)
        from = cut
      } else if (newline === -1) break
      else {
        this.#emit(bytes.subarray(from, to), atUs)
        from = to + 1
      }
    }
    this.#rest = bytes.subarray(from)
  }

  /** Ends the stream: the rest is a line without its newline. */
  end(): void {
    if (this.#rest.length > 0) this.#emit(this.#rest, monotonicUs())
    this.#rest = Buffer.alloc(0)
  }

  #emit(bytes: Buffer, atUs: number): void {
    this.#onLine({ stream: this.#stream, atUs, text: bytes.toString('utf8') })
  }
}

/** The start of the UTF-8 character that `index` would split; a character has at most three continuation bytes. */
function findCharacterStart(bytes: Buffer, index: number): number {
  for (let at = index; at > index - 4; at--) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at
  return index
}
