/**
 * The queue for one reader: the first 4,096 values in memory, the rest in a file that is unlinked as soon as it is open, so that nothing
 * remains when the process dies. A reader that reads to the end gets every value in order; one that never reads costs no further memory.
 */
import { closeSync, ftruncateSync, openSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { createWriteFault, makeTemporaryDirectory, writeFully } from '../base/files/durable-file.ts'

const mostInMemory = 4096
/** Number of bytes that are written to the file, or read from it, at once. */
const chunkBytes = 1 << 18
/** Each value is preceded by its length. */
const lengthBytes = 4

const closeOnCollection = new FinalizationRegistry<number>((file) => closeSync(file))

export class EventQueue<T> {
  /** The values to read next. */
  #ready: T[] = []
  #next = 0
  #file: number | null = null
  #written = 0
  #read = 0
  /** The latest values, not written yet. */
  #pending: Buffer[] = []
  #pendingBytes = 0
  #isClosed = false
  /** Why later values could not be stored. */
  #failure: unknown = null
  #wake: (() => void) | null = null

  push(value: T): void {
    if (this.#isClosed || this.#failure !== null) return
    if (this.#pendingBytes === 0 && this.#read === this.#written && this.#ready.length - this.#next < mostInMemory) {
      this.#ready.push(value)
    } else this.#keep(value)
    this.#wake?.()
  }

  /** Ends the queue: the iterator ends once the rest is read. */
  close(): void {
    this.#isClosed = true
    this.#wake?.()
  }

  /** Throws a Fault of the kind `environment` in place of values that could not be stored. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        while (this.#refill()) yield this.#ready[this.#next++]!
        if (this.#failure !== null) throw this.#failure
        if (this.#isClosed) return
        await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      this.#release()
    }
  }

  #keep(value: T): void {
    try {
      const body = serialize(value)
      const length = Buffer.alloc(lengthBytes)
      length.writeUInt32LE(body.length)
      this.#pending.push(length, body)
      this.#pendingBytes += lengthBytes + body.length
      if (this.#pendingBytes < chunkBytes) return
      this.#file ??= this.#openFile()
      writeFully(this.#file, Buffer.concat(this.#pending))
      this.#written += this.#pendingBytes
      this.#pending = []
      this.#pendingBytes = 0
    } catch (error) {
      // The measurement continues; its reader gets the error.
      this.#failure = createWriteFault('what has not been read of the run', error, 'keep')
    }
  }

  #openFile(): number {
    const folder = makeTemporaryDirectory('nodrop-events-')
    try {
      const file = openSync(join(folder, 'events'), 'ax+', 0o600)
      closeOnCollection.register(this, file, this)
      return file
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /** Whether a value can be read now. */
  #refill(): boolean {
    if (this.#next < this.#ready.length) return true
    this.#next = 0
    this.#ready = []
    if (this.#file !== null && this.#read < this.#written) {
      this.#ready = this.#decode(this.#readChunk(this.#file))
    } else if (this.#pendingBytes > 0) {
      this.#ready = this.#decode(Buffer.concat(this.#pending))
      this.#pending = []
      this.#pendingBytes = 0
      if (this.#file !== null) ftruncateSync(this.#file)
      this.#read = this.#written = 0
    }
    return this.#ready.length > 0
  }

  /** Complete values, at least one. */
  #readChunk(file: number): Buffer {
    let chunk = this.#readBytes(file, chunkBytes)
    const first = lengthBytes + chunk.readUInt32LE()
    if (first > chunk.length) chunk = this.#readBytes(file, first)
    let end = 0
    while (end + lengthBytes <= chunk.length) {
      const after = end + lengthBytes + chunk.readUInt32LE(end)
      if (after > chunk.length) break
      end = after
    }
    this.#read += end
    return chunk.subarray(0, end)
  }

  #readBytes(file: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.min(length, this.#written - this.#read))
    for (let done = 0; done < bytes.length;) {
      done += readSync(file, bytes, done, bytes.length - done, this.#read + done)
    }
    return bytes
  }

  #decode(bytes: Buffer): T[] {
    const values: T[] = []
    for (let at = 0; at < bytes.length;) {
      const from = at + lengthBytes
      at = from + bytes.readUInt32LE(at)
      values.push(deserialize(bytes.subarray(from, at)) as T)
    }
    return values
  }

  #release(): void {
    this.#isClosed = true
    this.#ready = []
    this.#pending = []
    if (this.#file === null) return
    closeOnCollection.unregister(this)
    closeSync(this.#file)
    this.#file = null
  }
}
