/** Reads an event log, plain or compressed, as a stream: memory does not grow with the log. */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createZstdDecompress } from 'node:zlib'
import { assertRegularFile } from '../base/files/bounded-file.ts'
import { Fault, describeSystemError } from '../base/fault.ts'
import type { LogRecord } from '../model/record.ts'
import { isIntact, parseSeal, findSeal } from './block.ts'
import { decodeRecord } from './record-codec.ts'
import { compressedSuffix } from './compress-log.ts'
import { LogError } from './log-error.ts'

/** The records of a log in order. The properties are known once all records have been read. */
export interface EventLog extends AsyncIterable<LogRecord> {
  /** True if the end was missing or damaged; only records before that were returned. */
  readonly torn: boolean
  /** True if the log contains its end. */
  readonly complete: boolean
}

const plainName = 'events.jsonl'
/** Far more than the writer puts in a block; a file without any seal is not an event log. */
const blockLimit = 1 << 24

/**
 * The log of a run's directory, or of a file. A directory without a log gives an empty, torn one: its run died before it wrote anything.
 * Reading throws a LogError if a line in the middle is damaged.
 */
export function readLog(path: string): EventLog {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  const file = findLogFile(isDirectory ? join(path, plainName) : path)
  if (file !== null || isDirectory) return new LogFile(file)
  throw new Fault('usage', `Cannot read the event log ${path}: there is no such file or directory`)
}

/** Whether a run's directory has an event log, even an empty one. */
export function hasLog(runDir: string): boolean {
  return findLogFile(join(runDir, plainName)) !== null
}

/** If the process died between renaming and removing, both files exist and are complete. */
function findLogFile(plain: string): string | null {
  return [`${plain}${compressedSuffix}`, plain].find((name) => existsSync(name)) ?? null
}

class LogFile implements EventLog {
  readonly #path: string | null
  #torn = false
  #complete = false

  constructor(path: string | null) {
    this.#path = path
  }

  get torn(): boolean {
    return this.#torn
  }

  get complete(): boolean {
    return this.#complete
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogRecord> {
    this.#torn = this.#path === null
    this.#complete = false
    if (this.#path === null) return
    const blocks = new BlockReader(this.#path)
    for await (const chunk of readChunks(this.#path, () => (this.#torn = true))) {
      for (const record of blocks.push(chunk)) yield this.#seen(record)
    }
    for (const record of blocks.end()) yield this.#seen(record)
    if (blocks.torn) this.#torn = true
  }

  #seen(record: LogRecord): LogRecord {
    if (record.type === 'end') this.#complete = true
    return record
  }
}

/** Logs of runs have ten times their compressed size. */
const mostUnpacked = 100
const leastUnpacked = 1 << 22

/** A compressed log that ends early or is damaged is read as far as possible; the rest counts as torn off. */
async function* readChunks(path: string, onTorn: () => void): AsyncGenerator<Buffer> {
  const size = readSize(path)
  const file = createReadStream(path, { highWaterMark: 1 << 16 })
  if (!path.endsWith(compressedSuffix)) {
    yield* file as AsyncIterable<Buffer>
    return
  }
  const plain = createZstdDecompress({ chunkSize: 1 << 16 })
  file.on('error', (error) => plain.destroy(error))
  try {
    let unpacked = 0
    for await (const chunk of file.pipe(plain) as AsyncIterable<Buffer>) {
      unpacked += chunk.length
      if (unpacked > Math.max(leastUnpacked, mostUnpacked * size)) {
        throw new LogError(`it has more than ${mostUnpacked} times the size of its compressed form`, 0, path)
      }
      yield chunk
    }
  } catch (error) {
    if (!isZstdError(error)) throw error
    onTorn()
  } finally {
    file.destroy()
  }
}

function readSize(path: string): number {
  try {
    const stats = statSync(path)
    assertRegularFile(stats)
    return stats.size
  } catch (error) {
    throw new Fault('usage', `Cannot read the event log ${path}: ${describeSystemError(error)}`, '', { cause: error })
  }
}

function isZstdError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code.startsWith('ZSTD_') || code === 'Z_BUF_ERROR'
}

/** Splits bytes into sealed blocks and returns the records of intact ones. */
class BlockReader {
  readonly #path: string
  /** Bytes of an incomplete block, in a buffer that grows by doubling. */
  #buffer: Buffer = Buffer.alloc(1 << 17)
  #rest: Buffer = this.#buffer.subarray(0, 0)
  #searched = 0
  #checksum = 0
  /** Number of lines before the rest. */
  #lines = 0
  /** First line of a block that does not match its seal: accepted only if no intact block follows. */
  #damagedLine = 0
  torn = false

  constructor(path: string) {
    this.#path = path
  }

  *push(chunk: Buffer): Generator<LogRecord> {
    this.#append(chunk)
    for (let seal = findSeal(this.#rest, this.#searched); seal >= 0; seal = findSeal(this.#rest, 0)) {
      const end = this.#rest.indexOf(10, seal)
      if (end < 0) {
        this.#searched = seal
        this.#refuseLength()
        return
      }
      const body = this.#rest.subarray(0, seal)
      const line = this.#rest.toString('latin1', seal, end)
      this.#rest = this.#rest.subarray(end + 1)
      yield* this.#block(body, line)
    }
    this.#searched = this.#rest.length
    this.#refuseLength()
  }

  #append(chunk: Buffer): void {
    const { length } = this.#rest
    const needed = length + chunk.length
    let from = this.#rest.byteOffset - this.#buffer.byteOffset
    if (from + needed > this.#buffer.length) {
      // Moved to the front, into a buffer of twice the size if that would soon be necessary again.
      const room = 2 * needed <= this.#buffer.length ? this.#buffer : Buffer.allocUnsafe(2 * needed)
      this.#rest.copy(room)
      this.#buffer = room
      from = 0
    }
    chunk.copy(this.#buffer, from + length)
    this.#rest = this.#buffer.subarray(from, from + needed)
  }

  #refuseLength(): void {
    if (this.#rest.length > blockLimit) throw new LogError('a block is too long', this.#lines + 1, this.#path)
  }

  /** Unsealed bytes: complete lines are kept, up to the first invalid one. */
  *end(): Generator<LogRecord> {
    if (this.#damagedLine > 0 || this.#rest.length > 0) this.torn = true
    if (this.#damagedLine > 0) return
    const text = this.#rest.toString()
    for (const line of text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(0, -1)) {
      try {
        yield decodeRecord(line)
      } catch (error) {
        if (error instanceof LogError) return
        throw error
      }
    }
  }

  *#block(body: Buffer, sealLine: string): Generator<LogRecord> {
    const seal = parseSeal(sealLine)
    const intact = seal !== null && isIntact(body, seal, this.#checksum)
    if (seal !== null) this.#checksum = seal.checksum
    if (!intact) this.#damagedLine ||= this.#lines + 1
    else if (this.#damagedLine > 0) {
      throw new LogError('the block that begins here is not what was written', this.#damagedLine, this.#path)
    }
    const lines = body.toString().split('\n').slice(0, -1)
    if (intact) yield* this.#records(lines)
    this.#lines += lines.length + 1
  }

  *#records(lines: readonly string[]): Generator<LogRecord> {
    for (const [index, line] of lines.entries()) {
      try {
        yield decodeRecord(line)
      } catch (error) {
        throw error instanceof LogError ? error.withPlace(this.#lines + index + 1, this.#path) : error
      }
    }
  }
}
