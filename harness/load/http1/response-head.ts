/** The head of a response: its status line, and the fields that decide how it is read and judged. */
import type { Buffer } from 'node:buffer'
import { equalsText, equalsNumber, findHeaderNames, hasName, parseList, readField, readNumber } from './header-field.ts'
import type { HeaderField } from './header-field.ts'
import type { ExpectedField } from './answer-terms.ts'
import type { FieldMatch } from './field-match.ts'
import { sampleIdentification } from '../../model/workload.ts'
import type { Identification } from '../../model/workload.ts'

/** What all right answers on a connection have in common. */
export interface ExpectedResponse {
  /** A request's id is this prefix followed by its number. */
  idPrefix: string
  /** The value of the field that identifies the workload. */
  workload: string
  /** Default: that of the sample. */
  identification?: Identification
  /** Whether they answer HEAD, and so have no body. */
  toHead: boolean
  /** Fields that some of their requests expect; default: none. */
  fields?: readonly ExpectedField[]
}

export const unset = -1

/** One object is reused for every response. */
export class ResponseHead {
  /** The request that it answers. */
  seq: number = unset
  status = 0
  minor = 0
  contentLength: number = unset
  codings: string[] = []
  close = false
  persist = false
  /** The `timeout=` of the Keep-Alive field, in seconds. */
  keepAliveS: number = unset
  pod: string | null = null
  /** The SHA-256 of the body in the Content-Digest field, in base64; `null` without one. */
  digest: string | null = null
  /** The matches of the fields that identify request and workload. */
  id: FieldMatch = 'absent'
  workload: FieldMatch = 'absent'
  /** Where the number in the request's id begins. */
  numberAt: number = unset
  /** For each expected field, whether the head has it: `right` if one of its lines has the expected value. */
  readonly matches: FieldMatch[]
  readonly #expected: ExpectedResponse
  readonly #identification: Identification
  readonly #field: HeaderField
  #lastPod = ''

  constructor(expected: ExpectedResponse) {
    this.#expected = expected
    this.#identification = expected.identification ?? sampleIdentification
    this.matches = (expected.fields ?? []).map(() => 'absent')
    this.#field = { names: findHeaderNames(this.#identification), name: 'other', from: 0, to: 0 }
  }

  reset(seq: number): void {
    this.seq = seq
    this.status = 0
    this.minor = 0
    this.contentLength = unset
    if (this.codings.length > 0) this.codings = []
    this.close = false
    this.persist = false
    this.keepAliveS = unset
    this.pod = null
    this.digest = null
    this.id = this.#identification.requestIdHeader === null ? 'unchecked' : 'absent'
    this.workload = this.#identification.workloadHeader === null ? 'unchecked' : 'absent'
    this.numberAt = unset
    if (this.matches.length > 0) this.matches.fill('absent')
  }

  /** RFC 9112 §4: `HTTP/1.x SP 3DIGIT`, then a reason or nothing. Returns a problem, or `null`. */
  readStatusLine(bytes: Buffer, from: number, to: number): string | null {
    if (!equalsText(bytes, from, Math.min(to, from + 7), 'HTTP/1.') || to - from < 12)
      return 'not a status line of HTTP/1'
    const minor = readNumber(bytes, from + 7, from + 8, 10)
    const status = readNumber(bytes, from + 9, from + 12, 10)
    if (minor < 0 || bytes[from + 8] !== 0x20) return 'not a status line of HTTP/1'
    if (status < 100 || (to - from > 12 && bytes[from + 12] !== 0x20)) return 'not a status code'
    this.minor = minor
    this.status = status
    return null
  }

  /** Reads a field line. Returns a problem, or `null`. */
  readLine(bytes: Buffer, from: number, to: number): string | null {
    const field = this.#field
    if (!readField(bytes, from, to, field)) return 'not a header line'
    if (this.matches.length > 0) this.#matchLine(bytes, from, field)
    switch (field.name) {
      case 'content-length':
        return this.#length(bytes, field)
      case 'connection':
        return this.#connection(bytes, field)
      case 'transfer-encoding':
        this.codings.push(...parseList(bytes, field))
        return this.codings.length > 0 ? null : 'empty transfer-encoding'
      case 'content-digest':
        this.digest = parseDigest(bytes, field) ?? this.digest
        return null
      case 'keep-alive':
        this.#keepAlive(bytes, field)
        return null
      case 'pod':
        this.pod = this.#podName(bytes, field)
        return null
      case 'workload':
        this.workload = combineMatch(this.workload, equalsText(bytes, field.from, field.to, this.#expected.workload))
        return null
      case 'request-id':
        this.#id(bytes, field)
        return null
      case 'other':
      default:
        return null
    }
  }

  #matchLine(bytes: Buffer, lineFrom: number, { from, to }: HeaderField): void {
    for (const [place, { name, value }] of this.#expected.fields!.entries()) {
      if (this.matches[place] === 'right' || !hasName(bytes, lineFrom, name)) continue
      this.matches[place] = equalsText(bytes, from, to, value) ? 'right' : 'other'
    }
  }

  /** RFC 9112 §6.3: digits only; repeated only with the same value. */
  #length(bytes: Buffer, { from, to }: HeaderField): string | null {
    const length = readNumber(bytes, from, to, 10)
    if (length < 0) return 'content-length is not a number'
    if (this.contentLength !== unset && this.contentLength !== length) return 'two different content-lengths'
    this.contentLength = length
    return null
  }

  #id(bytes: Buffer, { from, to }: HeaderField): void {
    const { idPrefix } = this.#expected
    const numberAt = from + idPrefix.length
    const isRight =
      equalsText(bytes, from, Math.min(to, numberAt), idPrefix) && equalsNumber(bytes, numberAt, to, this.seq)
    this.id = combineMatch(this.id, isRight)
    this.numberAt = numberAt
  }

  #connection(bytes: Buffer, field: HeaderField): null {
    if (equalsText(bytes, field.from, field.to, 'close')) this.close = true
    else if (equalsText(bytes, field.from, field.to, 'keep-alive')) this.persist = true
    else this.#connectionOptions(bytes, field)
    return null
  }

  #connectionOptions(bytes: Buffer, field: HeaderField): void {
    for (const option of parseList(bytes, field)) {
      if (option === 'close') this.close = true
      else if (option === 'keep-alive') this.persist = true
    }
  }

  #keepAlive(bytes: Buffer, field: HeaderField): void {
    for (const parameter of parseList(bytes, field)) {
      const seconds = /^timeout=(\d{1,9})$/.exec(parameter)?.[1]
      if (seconds !== undefined) this.keepAliveS = Number(seconds)
    }
  }

  /**
   * A pod's name is a DNS subdomain (Kubernetes docs, "Object Names and IDs"); anything else is not from a pod. It rarely changes on a
   * connection, so the same string is reused.
   */
  #podName(bytes: Buffer, { from, to }: HeaderField): string | null {
    if (equalsText(bytes, from, to, this.#lastPod)) return this.#lastPod
    if (to - from > 253) return null
    const name = bytes.toString('latin1', from, to)
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) return null
    this.#lastPod = name
    return name
  }
}

/** A repeated field must be right both times. */
function combineMatch(before: FieldMatch, isRight: boolean): FieldMatch {
  return before !== 'other' && isRight ? 'right' : 'other'
}

/** RFC 9530 §2: a dictionary of algorithms, each with a base64 value between colons; only SHA-256 is used. */
function parseDigest(bytes: Buffer, { from, to }: HeaderField): string | null {
  return /(?:^|[ ,\t])sha-256=:([A-Za-z0-9+/]+=*):/.exec(bytes.toString('latin1', from, to))?.[1] ?? null
}
