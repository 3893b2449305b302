/** What an API server answers, up to a size: it may not be the one that it should be, nor its proxies. */
import { StringDecoder } from 'node:string_decoder'
import { JsonDepth, maxJsonDepth } from '../base/files/json-depth.ts'

/** A hundred pods have 1 MiB; etcd takes no object of more than 1.5 MiB. */
export const maxResponseBytes: number = 16 * 1024 * 1024
/** Of a watch an object, of a container's log what it wrote without a line feed. */
const maxLineBytes = 4 * 1024 * 1024

/** Throws an Error when it is longer than `maxBytes`, and leaves the rest unread. */
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

/** As `readBody`, for an answer that will be parsed. Throws an Error also when it is nested deeper than any that is meant. */
export async function readJsonBody(answer: AsyncIterable<unknown>): Promise<Buffer> {
  const body = await readBody(answer)
  const depth = new JsonDepth()
  depth.push(body)
  if (depth.deepest > maxJsonDepth) throw createDepthError()
  return body
}

/** Cuts a stream of UTF-8 into lines. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  #parts: string[] = []
  #length = 0

  /** What came after the last line feed. */
  get rest(): string {
    return this.#parts.join('')
  }

  /** The lines that a chunk completes. Throws an Error for one that is too long. */
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
