/**
 * Recognises a response head by the one before: on a connection they are equal, byte for byte, except for the number in the id and, once a
 * second, the Date. Comparing costs a tenth of parsing. Only a head equal to one that was parsed in full is recognised, and it means the
 * same.
 */
import { Buffer } from 'node:buffer'
import { equalsNumber } from './header-field.ts'
import type { ResponseHead } from './response-head.ts'

/** Maximum length of a cached head, in bytes; longer ones are parsed each time. */
const limit = 4096

export class ResponseHeadCache {
  /** The parsed head. */
  head: ResponseHead
  /** Its bytes before the number of its request. */
  #before: Buffer = Buffer.alloc(0)
  #after: Buffer = Buffer.alloc(0)

  constructor(head: ResponseHead) {
    this.head = head
  }

  /** Stores a head that ends at `end` and has the right id, and returns the one stored before for reuse. */
  store(head: ResponseHead, bytes: Buffer, end: number): ResponseHead {
    if (end > limit) return head
    const former = this.head
    this.head = head
    this.#before = Buffer.from(bytes.subarray(0, head.numberAt))
    this.#after = Buffer.from(bytes.subarray(head.numberAt + String(head.seq).length, end))
    return former
  }

  /** Where the same head with the number of request `seq` ends, if the bytes begin with it; otherwise 0. */
  findEnd(bytes: Buffer, length: number, seq: number): number {
    const numberAt = this.#before.length
    if (numberAt === 0 || length < numberAt || !startsWith(bytes, 0, this.#before)) return 0
    let to = numberAt
    while (to < length && isDigit(bytes[to]!)) to++
    const end = to + this.#after.length
    return end <= length && equalsNumber(bytes, numberAt, to, seq) && startsWith(bytes, to, this.#after) ? end : 0
  }
}

function startsWith(bytes: Buffer, from: number, what: Buffer): boolean {
  for (let at = 0; at < what.length; at++) if (bytes[from + at] !== what[at]) return false
  return true
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
