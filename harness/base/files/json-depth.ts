const [quote, backslash] = [0x22, 0x5c]
const isOpening = (byte: number): boolean => byte === 0x5b || byte === 0x7b
const isClosing = (byte: number): boolean => byte === 0x5d || byte === 0x7d

/** The nesting depth of a JSON text: parsing one list or object takes a hundred times its two bytes. */
export class JsonDepth {
  /** The largest depth so far. */
  deepest = 0
  #depth = 0
  #isText = false
  #isEscaped = false

  /** Processes the next bytes of the text, in UTF-8. */
  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === quote) this.#isText = !this.#isText
      else if (this.#isText) this.#isEscaped = byte === backslash
      else if (isOpening(byte)) this.deepest = Math.max(this.deepest, ++this.#depth)
      else if (isClosing(byte)) this.#depth--
    }
  }
}

/** Far more than in any file or answer that nodrop reads. */
export const maxJsonDepth: number = 256
