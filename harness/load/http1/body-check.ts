/** Compares a body with what is expected of it as it arrives, and keeps no more of it than a pattern needs. */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { compileLinearPattern } from '../../base/text/linear-pattern.ts'
import { matchedBodyBytes } from '../../model/load/requests.ts'
import type { BodyExpectation } from '../../model/load/requests.ts'
import type { FieldMatch } from './field-match.ts'

/** What bodies are compared with; the same for all answers to one request. */
export interface BodyTerms {
  contains: Buffer | null
  matches: RegExp | null
  sha256: string | null
}

/** Throws a SyntaxError for an invalid pattern. */
export function compileBodyTerms({ contains, matches, sha256 }: BodyExpectation): BodyTerms {
  return {
    contains: contains === undefined ? null : Buffer.from(contains),
    matches: matches === undefined ? null : compileLinearPattern(matches),
    sha256: sha256 ?? null,
  }
}

export interface BodyFindings {
  /** Whether the body matches its Content-Digest (RFC 9530); `absent` without one. */
  digest: FieldMatch
  /** What is wrong with the body; `null` when it is as expected. */
  body: string | null
}

/** The findings for a body that is not checked. */
export const unchecked: BodyFindings = { digest: 'absent', body: null }

const none = Buffer.alloc(0)
const noTerms: BodyTerms = { contains: null, matches: null, sha256: null }

export class BodyCheck {
  readonly #terms: BodyTerms
  /** In base64. */
  readonly #digest: string | null
  #isFound = false
  /** The end of the bytes so far, in which the text may have begun. */
  #tail: Buffer = none
  readonly #prefix: Buffer[] = []
  #room = matchedBodyBytes
  readonly #hash: Hash | null

  constructor(terms: BodyTerms | null, digest: string | null) {
    this.#terms = terms ?? noTerms
    this.#digest = digest
    this.#hash = digest === null && this.#terms.sha256 === null ? null : createHash('sha256')
  }

  /** Processes the next bytes, which may be overwritten afterwards. */
  update(bytes: Buffer): void {
    const { contains, matches } = this.#terms
    if (contains !== null && !this.#isFound) this.#search(contains, bytes)
    if (matches !== null && this.#room > 0) {
      const kept = Buffer.from(bytes.subarray(0, this.#room))
      this.#prefix.push(kept)
      this.#room -= kept.length
    }
    this.#hash?.update(bytes)
  }

  /** Call it once, when the body is complete. */
  examine(): BodyFindings {
    const sha256 = this.#hash?.digest() ?? none
    const isSaid = sha256.toString('base64') === this.#digest
    const digest = this.#digest === null ? 'absent' : isSaid ? 'right' : 'other'
    return { digest, body: this.#explain(sha256.toString('hex')) }
  }

  #explain(found: string): string | null {
    const { contains, matches, sha256 } = this.#terms
    if (contains !== null && !this.#isFound) return 'body text: absent'
    if (matches !== null && !matches.test(Buffer.concat(this.#prefix).toString())) return 'body pattern: no match'
    return sha256 !== null && sha256 !== found ? 'body sha-256: other' : null
  }

  /** A text may be split between two pieces, so the end of one piece is searched together with the beginning of the next. */
  #search(text: Buffer, bytes: Buffer): void {
    const most = text.length - 1
    const seam = Buffer.concat([this.#tail, bytes.subarray(0, most)])
    this.#isFound = bytes.includes(text) || seam.includes(text)
    this.#tail = bytes.length >= most ? Buffer.from(bytes.subarray(bytes.length - most)) : seam.subarray(-most)
  }
}
