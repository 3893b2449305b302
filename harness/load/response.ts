/**
 * Reads one HTTP/1.1 response from chunks of bytes, cut anywhere: a byte scanner that makes no string of anything but a pod's
 * name, and keeps no byte of a body; where a Content-Digest (RFC 9530) says what the body must be, it is held against that.
 *
 * How long a body is follows RFC 9112 §6.3: none after 1xx, 204, 304 and HEAD; chunked, the one transfer coding that a
 * client takes without having asked for it (§7.4); Content-Length; else up to the end of the connection, which §8
 * counts as complete though nothing can be checked. Where the RFC leaves a choice, what could hide a loss is a complaint:
 * Transfer-Encoding beside Content-Length or in HTTP/1.0 (§6.1), different lengths, folded lines (§5.2), bare CR (§2.2).
 * A bare LF ends a line, as §2.2 allows.
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { readNumber } from './field.ts'
import { Head, unset } from './head.ts'
import type { Expected, Match } from './head.ts'

export type Progress = 'more' | 'done' | 'failed'

/** Longest line; and all lines of a head together, interim responses included, or of a trailer. */
const lineLimit = 16_384
const headLimit = 65_536
const interimLimit = 32

const lf = 0x0a
const cr = 0x0d
const tab = 0x09

type State =
  | 'status-line'
  | 'header'
  | 'length-body'
  | 'chunk-size'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailer'
  | 'until-close'
  | 'done'
  | 'failed'

export class ResponseParser {
  readonly head: Head = new Head()
  /** True once the head of the final response is complete. */
  headDone = false
  /** What is wrong with the response, once it failed. */
  complaint = ''
  /** Bytes came after the end of the response. */
  excess = false
  #state: State = 'status-line'
  #expected: Expected = { requestId: '', workload: '' }
  #toHead = false
  #remaining = 0
  #lineBytes = 0
  #interim = 0
  /** Of the body so far, where there is a digest to compare it with. */
  #hash: Hash | null = null
  /** The beginning of a line whose end has not come yet. */
  #carry: Buffer | null = null

  /** Gets ready for the response to another request. */
  begin(expected: Expected, toHead = false): void {
    this.head.reset()
    this.headDone = false
    this.complaint = ''
    this.excess = false
    this.#state = 'status-line'
    this.#expected = expected
    this.#toHead = toHead
    this.#lineBytes = 0
    this.#interim = 0
    this.#hash = null
    this.#carry = null
  }

  /** Whether the whole body is what its digest says; `absent` where there is none, or no body that it could be of. */
  get digest(): Match {
    if (this.#hash === null) return 'absent'
    return this.#hash.copy().digest('base64') === this.head.digest ? 'right' : 'other'
  }

  /** Whether RFC 9112 §9.3 lets the connection be used again. */
  get reusable(): boolean {
    const { close, persist, minor, status } = this.head
    return (
      this.#state === 'done' && !this.excess && !this.endsByClose && !close && (minor >= 1 || persist) && status !== 101
    )
  }

  /** Whether the end of the connection is all that ended, or will end, the body. */
  get endsByClose(): boolean {
    return this.headDone && this.#remaining === Number.POSITIVE_INFINITY
  }

  feed(bytes: Buffer, length: number): Progress {
    let at = 0
    while (at < length && this.#state !== 'done' && this.#state !== 'failed') {
      if (this.#state === 'length-body' || this.#state === 'chunk-data') at = this.#body(bytes, at, length)
      else if (this.#state === 'until-close') at = this.#unmeasured(bytes, at, length)
      else at = this.#line(bytes, at, length)
    }
    if (this.#state === 'done' && at < length) this.excess = true
    return this.#progress()
  }

  /** The connection was closed in an orderly way: completes a response that only this can end. */
  end(): Progress {
    if (this.#state === 'until-close') this.#state = 'done'
    return this.#progress()
  }

  #progress(): Progress {
    return this.#state === 'done' || this.#state === 'failed' ? this.#state : 'more'
  }

  #unmeasured(bytes: Buffer, at: number, length: number): number {
    this.#hash?.update(bytes.subarray(at, length))
    return length
  }

  #body(bytes: Buffer, at: number, length: number): number {
    const taken = Math.min(this.#remaining, length - at)
    this.#hash?.update(bytes.subarray(at, at + taken))
    this.#remaining -= taken
    if (this.#remaining === 0) this.#state = this.#state === 'length-body' ? 'done' : 'chunk-end'
    return at + taken
  }

  /** Takes bytes up to and including the end of a line; keeps them where it has not come yet. Returns where to go on. */
  #line(bytes: Buffer, from: number, length: number): number {
    let at = from
    if (this.#carry !== null && this.#carry.at(-1) === cr && bytes[at] !== lf) return this.#fail('CR without LF', at)
    for (; at < length; at++) {
      const byte = bytes[at]!
      if (byte >= 0x20 || byte === tab) continue
      if (byte === lf) break
      if (byte !== cr) return this.#fail('control character in a head', at)
      if (at + 1 < length && bytes[at + 1] !== lf) return this.#fail('CR without LF', at)
    }
    this.#lineBytes += at - from
    const carried = this.#carry === null ? 0 : this.#carry.length
    if (carried + at - from > lineLimit || this.#lineBytes > headLimit) return this.#fail('head too large', at)
    if (at === length) {
      const part = Buffer.from(bytes.subarray(from, at))
      this.#carry = this.#carry === null ? part : Buffer.concat([this.#carry, part])
      return at
    }
    if (this.#carry === null) {
      this.#takeLine(bytes, from, at)
    } else {
      const line = Buffer.concat([this.#carry, bytes.subarray(from, at)])
      this.#carry = null
      this.#takeLine(line, 0, line.length)
    }
    return at + 1
  }

  #fail(complaint: string, at: number): number {
    this.#state = 'failed'
    this.complaint = complaint
    return at
  }

  /** One line, without its LF. */
  #takeLine(bytes: Buffer, from: number, end: number): void {
    const to = end > from && bytes[end - 1] === cr ? end - 1 : end
    let complaint: string | null
    if (this.#state === 'header') {
      complaint = to > from ? this.head.readLine(bytes, from, to, this.#expected) : this.#endHead()
    } else if (this.#state === 'status-line') {
      complaint = this.head.readStatusLine(bytes, from, to)
      this.#state = 'header'
    } else if (this.#state === 'chunk-size') {
      complaint = this.#chunkSize(bytes, from, to)
    } else if (this.#state === 'chunk-end') {
      complaint = to === from ? null : 'chunk longer than its size'
      this.#lineBytes = 0
      this.#state = 'chunk-size'
    } else {
      complaint = null
      if (to === from) this.#state = 'done'
    }
    if (complaint !== null) this.#fail(complaint, end)
  }

  /** RFC 9112 §7.1: the size in hexadecimal digits, then white space, and an extension after `;` or nothing. */
  #chunkSize(bytes: Buffer, from: number, to: number): string | null {
    let end = from
    while (end < to && bytes[end] !== 0x3b && bytes[end] !== 0x20 && bytes[end] !== tab) end++
    this.#lineBytes = 0
    const size = readNumber(bytes, from, end, 16)
    while (end < to && (bytes[end] === 0x20 || bytes[end] === tab)) end++
    if (size < 0 || (end < to && bytes[end] !== 0x3b)) return 'chunk size is not a number'
    this.#remaining = size
    this.#state = size === 0 ? 'trailer' : 'chunk-data'
    return null
  }

  #endHead(): string | null {
    const { status, minor, codings, contentLength } = this.head
    if (status >= 100 && status < 200 && status !== 101) return this.#interimHead()
    const chunked = codings.length > 0
    if (chunked && (contentLength !== unset || minor === 0)) return 'transfer-encoding that cannot be trusted'
    if (chunked && (codings.length > 1 || codings[0] !== 'chunked')) return 'transfer coding that was not asked for'
    this.headDone = true
    const hasBody = status !== 101 && status !== 204 && status !== 304 && !this.#toHead
    if (hasBody && this.head.digest !== null) this.#hash = createHash('sha256')
    if (!hasBody) this.#bodyOf(0)
    else if (chunked) this.#state = 'chunk-size'
    else this.#bodyOf(contentLength === unset ? Number.POSITIVE_INFINITY : contentLength)
    return null
  }

  #bodyOf(length: number): void {
    this.#remaining = length
    this.#state = length === 0 ? 'done' : length === Number.POSITIVE_INFINITY ? 'until-close' : 'length-body'
  }

  /** RFC 9110 §15.2: any number of interim responses may come first; the final one starts afresh. */
  #interimHead(): string | null {
    if (++this.#interim > interimLimit) return 'too many interim responses'
    this.head.reset()
    this.#state = 'status-line'
    return null
  }
}
