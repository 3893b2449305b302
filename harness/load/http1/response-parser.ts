/**
 * Parses one HTTP/1.1 response from pieces of any length. It scans bytes, makes a string only of a pod's name, keeps no byte of a body, and
 * checks the body against its Content-Digest (RFC 9530), if it has one.
 *
 * The length of a body follows RFC 9112 §6.3: none after 1xx, 204, 304 and HEAD; chunked, the only transfer coding that a client accepts
 * unasked (§7.4); Content-Length; else up to the end of the connection, which §8 counts as complete though nothing can be checked. Where
 * the RFC leaves a choice, anything that could hide a loss is a problem: Transfer-Encoding beside Content-Length or in HTTP/1.0 (§6.1),
 * different lengths, folded lines (§5.2), bare CR (§2.2). A bare LF ends a line, as §2.2 allows.
 */
import type { Buffer } from 'node:buffer'
import { createPlainTerms } from './answer-terms.ts'
import type { AnswerTerms } from './answer-terms.ts'
import { BodyCheck, unchecked } from './body-check.ts'
import { readNumber } from './header-field.ts'
import type { Findings } from './outcome.ts'
import { ResponseHead, unset } from './response-head.ts'
import type { ExpectedResponse } from './response-head.ts'
import { ResponseHeadCache } from './response-head-cache.ts'
import { LineReader } from './line-reader.ts'

export type Progress = 'more' | 'done' | 'failed'

const interimResponseLimit = 32
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
  head: ResponseHead
  /** True once the head of the final response is complete. */
  headDone = false
  /** What is wrong with the response, once it has failed. */
  problem = ''
  /** Whether bytes came after the end of the response. */
  excess = false
  #state: State = 'status-line'
  readonly #expected: ExpectedResponse
  /** The terms of the answer to the present request; by default those of every answer. */
  #terms: AnswerTerms
  readonly #plainTerms: AnswerTerms
  /** The number of responses so far, and whether the head of this one came without interim responses before it. */
  #count = 0
  #isAtOnce = true
  /** The head that lines are parsed into, until it is cached to recognise the next one. */
  #own: ResponseHead
  readonly #likeness: ResponseHeadCache
  readonly #reader = new LineReader()
  #remaining = 0
  #interim = 0
  /** The check of the body, where something is expected of it. */
  #check: BodyCheck | null = null

  constructor(expected: ExpectedResponse) {
    this.#expected = expected
    this.#plainTerms = createPlainTerms(expected.toHead)
    this.#terms = this.#plainTerms
    this.#own = new ResponseHead(expected)
    this.head = this.#own
    this.#likeness = new ResponseHeadCache(new ResponseHead(expected))
  }

  /** Prepares for the response to another request. */
  start(seq: number, terms: AnswerTerms = this.#plainTerms): void {
    this.#terms = terms
    this.#count++
    this.#isAtOnce = true
    this.head = this.#own
    this.head.reset(seq)
    this.headDone = false
    this.problem = ''
    this.excess = false
    this.#state = 'status-line'
    this.#reader.reset()
    this.#interim = 0
    this.#check = null
  }

  /** Compares a complete response with its terms. May be called once. */
  examine(): Findings {
    const { accepts, fields } = this.#terms
    const { matches } = this.head
    const broken = fields.find((place) => matches[place] !== 'right')
    const field = broken === undefined ? null : `header ${this.#expected.fields![broken]!.name}: ${matches[broken]}`
    return { accepts, field, ...(this.#check?.examine() ?? unchecked) }
  }

  /** Whether RFC 9112 §9.3 allows reuse of the connection. */
  get reusable(): boolean {
    const { close, persist, minor, status } = this.head
    return (
      this.#state === 'done' && !this.excess && !this.endsByClose && !close && (minor >= 1 || persist) && status !== 101
    )
  }

  /** Whether only the end of the connection ends the body. */
  get endsByClose(): boolean {
    return this.headDone && this.#remaining === Number.POSITIVE_INFINITY
  }

  feed(bytes: Buffer, length: number): Progress {
    let at = this.#state === 'status-line' && this.#isAtOnce ? this.#recognise(bytes, length) : 0
    while (at < length && this.#state !== 'done' && this.#state !== 'failed') {
      if (this.#state === 'length-body' || this.#state === 'chunk-data') at = this.#body(bytes, at, length)
      else if (this.#state === 'until-close') at = this.#unmeasured(bytes, at, length)
      else at = this.#line(bytes, at, length)
    }
    if (this.#state === 'done' && at < length) this.excess = true
    // The next bytes are not the beginning of a head, even if these ended with a line.
    if (!this.headDone) this.#isAtOnce = false
    return this.#progress()
  }

  /** The connection was closed normally: this completes a response that only the end of the connection can end. */
  end(): Progress {
    if (this.#state === 'until-close') this.#state = 'done'
    return this.#progress()
  }

  /** Returns where the head ends, or 0 where it must be parsed. */
  #recognise(bytes: Buffer, length: number): number {
    const end = this.#likeness.findEnd(bytes, length, this.head.seq)
    if (end > 0) {
      this.head = this.#likeness.head
      this.#beginBody()
    }
    return end
  }

  /** Caches the head; a connection that is used only once needs no cache. */
  #learn(bytes: Buffer, end: number): void {
    if (this.#isAtOnce && this.#count > 1 && this.head.id === 'right')
      this.#own = this.#likeness.store(this.head, bytes, end)
  }

  #progress(): Progress {
    return this.#state === 'done' || this.#state === 'failed' ? this.#state : 'more'
  }

  #unmeasured(bytes: Buffer, at: number, length: number): number {
    this.#check?.update(bytes.subarray(at, length))
    return length
  }

  #body(bytes: Buffer, at: number, length: number): number {
    const taken = Math.min(this.#remaining, length - at)
    this.#check?.update(bytes.subarray(at, at + taken))
    this.#remaining -= taken
    if (this.#remaining === 0) this.#state = this.#state === 'length-body' ? 'done' : 'chunk-end'
    return at + taken
  }

  /** Returns the offset to continue at. */
  #line(bytes: Buffer, from: number, length: number): number {
    const line = this.#reader
    const next = line.read(bytes, from, length)
    if (line.problem !== null) this.#fail(line.problem)
    else if (next > 0) this.#takeLine(line, next)
    else return length
    return next
  }

  #fail(problem: string): void {
    this.#state = 'failed'
    this.problem = problem
  }

  /** `next`: the offset of the bytes after the line. */
  #takeLine({ bytes, from, to }: LineReader, next: number): void {
    let problem: string | null = null
    if (this.#state === 'header') {
      problem = to > from ? this.head.readLine(bytes, from, to) : this.#endHead(bytes, next)
    } else if (this.#state === 'status-line') {
      problem = this.head.readStatusLine(bytes, from, to)
      this.#state = 'header'
    } else if (this.#state === 'chunk-size') {
      problem = this.#chunkSize(bytes, from, to)
    } else if (this.#state === 'chunk-end') {
      problem = to === from ? null : 'chunk longer than its size'
      this.#reader.startSection()
      this.#state = 'chunk-size'
    } else if (to === from) {
      this.#state = 'done'
    }
    if (problem !== null) this.#fail(problem)
  }

  /** RFC 9112 §7.1: the size in hexadecimal digits, then white space, and an extension after `;` or nothing. */
  #chunkSize(bytes: Buffer, from: number, to: number): string | null {
    let end = from
    while (end < to && bytes[end] !== 0x3b && bytes[end] !== 0x20 && bytes[end] !== tab) end++
    this.#reader.startSection()
    const size = readNumber(bytes, from, end, 16)
    while (end < to && (bytes[end] === 0x20 || bytes[end] === tab)) end++
    if (size < 0 || (end < to && bytes[end] !== 0x3b)) return 'chunk size is not a number'
    this.#remaining = size
    this.#state = size === 0 ? 'trailer' : 'chunk-data'
    return null
  }

  #endHead(bytes: Buffer, end: number): string | null {
    const { status, minor, codings, contentLength } = this.head
    if (status >= 100 && status < 200 && status !== 101) return this.#interimHead()
    const chunked = codings.length > 0
    if (chunked && (contentLength !== unset || minor === 0)) return 'transfer-encoding that cannot be trusted'
    if (chunked && (codings.length > 1 || codings[0] !== 'chunked')) return 'transfer coding that was not asked for'
    this.#learn(bytes, end)
    this.#beginBody()
    return null
  }

  #beginBody(): void {
    const { status, codings, contentLength, digest } = this.head
    this.headDone = true
    const hasBody = status !== 101 && status !== 204 && status !== 304 && !this.#terms.toHead
    const said = hasBody ? digest : null
    if (said !== null || this.#terms.body !== null) this.#check = new BodyCheck(this.#terms.body, said)
    if (!hasBody) this.#bodyOf(0)
    else if (codings.length > 0) this.#state = 'chunk-size'
    else this.#bodyOf(contentLength === unset ? Number.POSITIVE_INFINITY : contentLength)
  }

  #bodyOf(length: number): void {
    this.#remaining = length
    this.#state = length === 0 ? 'done' : length === Number.POSITIVE_INFINITY ? 'until-close' : 'length-body'
  }

  /** RFC 9110 §15.2: any number of interim responses may come first; the final one is parsed afresh. */
  #interimHead(): string | null {
    if (++this.#interim > interimResponseLimit) return 'too many interim responses'
    this.head.reset(this.head.seq)
    this.#isAtOnce = false
    this.#state = 'status-line'
    return null
  }
}
