/**
 * The writer of the event log. Data that write(2) has put into the file survives any death of the process, which a stream of node:fs does
 * not guarantee. Records wait in memory for at most 10 ms.
 */
import { closeSync, fdatasync, fstatSync, fsyncSync, openSync } from 'node:fs'
import type { Clock } from '../base/clock.ts'
import { createWriteFault, writeFully } from '../base/files/durable-file.ts'
import { Fault } from '../base/fault.ts'
import type { LogRecord } from '../model/record.ts'
import { sealBlock } from './block.ts'
import { encodeRecord } from './record-codec.ts'
import { compressLog } from './compress-log.ts'
import { RequestSampler } from './request-sampler.ts'
import type { SamplerOptions } from './request-sampler.ts'

export interface LogWriter {
  /** Throws a LogError for a record that could not be read back, and a Fault once a write has failed. */
  write(record: LogRecord): void
  /** Writes each record, in order. */
  writeMany(records: Iterable<LogRecord>): void
  /** Writes everything in memory. Throws a Fault when the records cannot be written. */
  flush(): void
  /** Flushes, syncs the file to disk and compresses it. Later calls have no further effect. */
  close(): Promise<void>
  /** Aborts, with a Fault as reason, as soon as a write has failed: the run must end. */
  readonly failed: AbortSignal
}

const holdMs = 10
/** A block is written at this number of characters at the latest. */
const blockLength = 1 << 18
/** How much of a run a loss of power may destroy; the death of the process destroys none of it. */
const syncEveryUs = 1_000_000

/**
 * Opens a new log, which keeps every request as a record unless `options` set a budget. Throws a Fault if that is impossible or the file
 * has content already.
 */
export function openLog(path: string, clock: Clock, options: SamplerOptions = keepEverything): LogWriter {
  return new FileLog(path, clock, new RequestSampler(options))
}

const keepEverything: SamplerOptions = { fullRecords: Infinity, drivers: 1 }

class FileLog implements LogWriter {
  readonly #path: string
  readonly #clock: Clock
  readonly #condenser: RequestSampler
  readonly #fd: number
  readonly #failure = new AbortController()
  #text = ''
  #lines = 0
  /** When the oldest line in memory was added. */
  #heldSinceUs = 0
  #checksum = 0
  #timer: NodeJS.Timeout | null = null
  #syncedUs = 0
  #syncing: Promise<void> | null = null
  #closing: Promise<void> | null = null

  constructor(path: string, clock: Clock, condenser: RequestSampler) {
    this.#path = path
    this.#clock = clock
    this.#condenser = condenser
    this.#fd = openNewFile(path)
  }

  get failed(): AbortSignal {
    return this.#failure.signal
  }

  write(record: LogRecord): void {
    this.writeMany([record])
  }

  writeMany(records: Iterable<LogRecord>): void {
    for (const record of this.#condenser.sample(records)) {
      this.#append(record)
      if (this.#text.length >= blockLength) this.flush()
    }
    this.#flushIfDue()
  }

  flush(): void {
    this.failed.throwIfAborted()
    clearTimeout(this.#timer ?? undefined)
    this.#timer = null
    if (this.#lines === 0) return
    const { bytes, checksum } = sealBlock(this.#text, this.#lines, this.#checksum)
    try {
      writeFully(this.#fd, bytes)
    } catch (error) {
      throw this.#fail(error)
    }
    this.#text = ''
    this.#lines = 0
    this.#checksum = checksum
    this.#syncIfDue()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #append(record: LogRecord): void {
    this.failed.throwIfAborted()
    if (this.#closing) throw new Error(`Cannot write to the event log ${this.#path}: it is closed`)
    const line = encodeRecord(record)
    if (this.#lines === 0) this.#heldSinceUs = this.#clock.now()
    this.#text += `${line}\n`
    this.#lines++
  }

  #flushIfDue(): void {
    if (this.#lines === 0) return
    // The timer of a busy event loop may be late, so each write checks the clock as well.
    const heldMs = (this.#clock.now() - this.#heldSinceUs) / 1000
    if (heldMs >= holdMs || this.#text.length >= blockLength) this.flush()
    else this.#timer ??= setTimeout(() => this.#flushLater(), holdMs - heldMs)
  }

  #flushLater(): void {
    try {
      this.flush()
    } catch {
      // `failed` reports it; a timer has no caller to throw to.
    }
  }

  #fail(error: unknown): Fault {
    const fault = createWriteFault(this.#path, error, 'write the event log')
    this.#failure.abort(fault)
    return fault
  }

  #syncIfDue(): void {
    const now = this.#clock.now()
    if (this.#syncing || now - this.#syncedUs < syncEveryUs) return
    this.#syncedUs = now
    this.#syncing = new Promise((resolve) => {
      fdatasync(this.#fd, (error) => {
        if (error && !this.failed.aborted) this.#fail(error)
        this.#syncing = null
        resolve()
      })
    })
  }

  async #close(): Promise<void> {
    try {
      this.flush()
      await this.#syncing
      this.failed.throwIfAborted()
      this.#sync()
    } finally {
      clearTimeout(this.#timer ?? undefined)
      await this.#syncing
      closeSync(this.#fd)
    }
    await compressLog(this.#path)
  }

  #sync(): void {
    try {
      fsyncSync(this.#fd)
    } catch (error) {
      throw this.#fail(error)
    }
  }
}

function openNewFile(path: string): number {
  let fd: number
  try {
    fd = openSync(path, 'a')
  } catch (error) {
    throw createWriteFault(path, error, 'open the event log')
  }
  const { size } = fstatSync(fd)
  if (size === 0) return fd
  closeSync(fd)
  const found = `it has ${size} bytes of another run`
  throw new Fault('usage', `Cannot open the event log ${path}: ${found}`, 'Choose another directory with --out.')
}
