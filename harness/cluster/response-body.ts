/** Reads answers of an API server up to a maximum size, because the server or a proxy may not be the expected one. */
import { StringDecoder } from 'node:string_decoder'
import { JsonDepth, maxJsonDepth } from '../base/files/json-depth.ts'

/** The list of a hundred pods has 1 MiB; etcd stores no object of more than 1.5 MiB. */
export const maxResponseBytes: number = 16 * 1024 * 1024
/** For an object of a watch, or text without a line feed in a container's log. */
const maxLineBytes = 4 * 1024 * 1024

/** Throws an Error for a body longer than `maxBytes`, and leaves the rest unread. */
export async function readBody(answer: AsyncIterable<unknown>, maxBytes: number = maxResponseBytes): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw createLengthError('the answer', maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

/** As `readBody`, for a body that will be parsed. Also throws an Error if it is nested too deeply. */
export async function readJsonBody(answer: AsyncIterable<unknown>): Promise<Buffer> {
  const body = await readBody(answer)
  const depth = new JsonDepth()
  depth.push(body)
  if (depth.deepest > maxJsonDepth) throw createDepthError()
  return body
}

/** Splits a stream of UTF-8 into lines. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  #parts: string[] = []
  #length = 0

  /** The text after the last line feed. */
  get rest(): string {
    return this.#parts.join('')
  }

  /** Returns the lines that a chunk completes. Throws an Error for one that is too long. */
  push(chunk: Buffer): string[] {
    const [first = '', ...others] = this.#decoder.write(chunk).split('\n')
    this.#length += first.length
    if (this.#length > maxLineBytes) throw createLengthError('a line', maxLineBytes)
    this.#parts.push(first)
    const last = others.pop()
    if (last === undefined) return []
    const lines = [this.rest, ...others]
    this.#parts = [last]
    this.#length = last.length
    return lines
  }
}

function createDepthError(): Error {
  return new Error(`the answer of the API server is nested more than ${maxJsonDepth} levels deep`)
}

function createLengthError(what: string, maxBytes: number): Error {
  return new Error(`${what} of the API server has more than ${maxBytes >> 20} MiB`)
}
