/** Collects the requests of one container's log, so that the event log has one record for many of them. */
import type { Clock } from '../../base/clock.ts'
import type { LogRecord, AccessLogEntry, ServedRecord } from '../../model/record.ts'
import type { AccessLogLine } from '../server-logs/log-line.ts'
import type { Instant } from './node-timestamps.ts'

export interface ServedBatchOptions {
  pod: string
  container: string
  clock: Clock
  write: (record: LogRecord) => void
  /** The prefix of the ids of the run's requests: `<runToken>-<driver>-<seq>`. */
  runToken: string
}

const holdMs = 500
const mostLines = 1_000

export class ServedBatch {
  readonly #options: ServedBatchOptions
  readonly #prefix: string
  /** The number of lines kept so far. */
  kept = 0
  #open: Omit<ServedRecord, 't'> | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(options: ServedBatchOptions) {
    this.#options = options
    this.#prefix = `${options.runToken}-`
  }

  /** Returns whether it was kept: requests of other runs and of probes are not. */
  add({ id, role, ...access }: AccessLogLine, { at, errorUs }: Instant): boolean {
    if (!id.startsWith(this.#prefix)) return false
    const [driver = NaN, seq = NaN] = id.slice(this.#prefix.length).split('-').map(Number)
    if (!Number.isSafeInteger(driver) || !Number.isSafeInteger(seq)) return false
    if (this.#open && (this.#open.driver !== driver || this.#open.role !== role)) this.flush()
    this.#timer ??= setTimeout(() => this.flush(), holdMs)
    const { pod, container } = this.#options
    this.#open ??= { type: 'served', pod, container, role, errorUs: 0, driver, lines: [] }
    this.kept++
    this.#open.errorUs = Math.max(this.#open.errorUs, errorUs)
    const line: AccessLogEntry = { seq, atUs: at, ...access }
    if (this.#open.lines.push(line) >= mostLines) this.flush()
    return true
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const open = this.#open
    this.#open = null
    if (open) this.#options.write({ ...open, t: this.#options.clock.now() })
  }
}
