/**
 * Follows the log of one container, through its restarts, to its last line: a cut stream resumes at its position, and lines written before
 * the pod was deleted are read although it is being deleted.
 *
 * Following a busy server's log costs its kubelet and the API server more than half of what the requests cost the server (measured on
 * kind), which slows down the measured workload. So the log of a container that is not about to end is only read at intervals.
 */
import { LineSplitter } from '../../cluster/response-body.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { getErrorMessage } from '../../base/fault.ts'
import { pause } from '../../base/polling.ts'
import { LogPosition } from './log-position.ts'
import type { ContainerLine } from './log-position.ts'
import { parseWallUs } from './node-timestamps.ts'

export interface FollowLogOptions {
  api: KubeApi
  namespace: string
  pod: string
  container: string
  /** Gets the new lines, in the order of the log. */
  onLines: (lines: readonly ContainerLine[]) => void
  /** Returns the number of restarts of the container in its pod's status. */
  restarts: () => number
  /** The pause between two readings, in ms. The lines of that time must fit into a log before it is rotated. */
  pauseMs: () => number
  /** Aborts when the container may end at any moment, soon after which its log may be gone. */
  ending: AbortSignal
  /** Aborts when the run is over: the log is then read once more to its present end. */
  signal: AbortSignal
}

/** Whether a log was read to its end or to the end of the run; else why not. */
export interface LogEnd {
  complete: boolean
  why: string | null
}

/**
 * The result of one request for the log. `ended`: it ended normally, as when the container has exited. `refused`: with a status, or by a
 * kubelet with an error, which it can only write into the stream.
 */
type Reading = { kind: 'ended' } | { kind: 'cut'; why: string } | { kind: 'refused'; status: number }

/** Which log of a container to read, and whether to follow it. */
type LogQuery = { follow?: true; previous?: true }
type LineSink = FollowLogOptions['onLines']

const retryMs = { first: 50, most: 1_000 }
/** How long a server and its container runtime may take to write lines about answers that the client already has. */
const settleMs = 200
const lastReadMs = 5_000

export async function followContainerLog(options: FollowLogOptions): Promise<LogEnd> {
  return new LogFollower(options).follow()
}

class LogFollower {
  readonly #options: FollowLogOptions
  readonly #path: string
  readonly #position = new LogPosition()
  /** Why lines may be missing; never reset. */
  #missing: string | null = null
  /** Set when a stream broke, until the log is read again. */
  #cut: { why: string; restarts: number } | null = null
  /** Whether the last stream ended normally. */
  #ended = false

  constructor(options: FollowLogOptions) {
    this.#options = options
    const { namespace, pod } = options
    this.#path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`
  }

  async follow(): Promise<LogEnd> {
    const { signal } = this.#options
    await this.#watchOver()
    let pauseMs = retryMs.first
    while (!signal.aborted) {
      const known = this.#position.lines
      const reading = await this.#read({ follow: true }, signal)
      if (signal.aborted) break
      if (reading.kind === 'refused' && reading.status === 404) return this.#gone()
      if (reading.kind !== 'refused') this.#ended = reading.kind === 'ended'
      pauseMs = this.#position.lines > known ? retryMs.first : Math.min(pauseMs * 2, retryMs.most)
      await pause(pauseMs, signal)
    }
    // The last answers arrive before the lines about them.
    await pause(settleMs)
    const last = await this.#look(AbortSignal.timeout(lastReadMs))
    if (last.kind === 'refused' && last.status === 404) return this.#gone()
    // A container that has ended writes nothing more; of a running one lines may be missing.
    if (last.kind === 'refused' && !this.#ended) return toLogEnd(`the last reading was answered ${last.status}`)
    return this.#gone()
  }

  /** Reads the log at intervals until the container is about to end, and then once more. */
  async #watchOver(): Promise<void> {
    const { signal, ending, pauseMs } = this.#options
    const called = AbortSignal.any([signal, ending])
    for (let isLast = false; !isLast && !signal.aborted;) {
      isLast = ending.aborted
      const reading = await this.#look(signal)
      if (reading.kind === 'refused' && reading.status === 404) {
        this.#missing ??= 'its pod was gone before its end was announced'
        return
      }
      if (!isLast) await pause(pauseMs(), called)
    }
  }

  /**
   * Reads what there is. If the container was restarted since the last reading, the end of its log is in the previous one, unless that was
   * followed to its end.
   */
  async #look(signal: AbortSignal): Promise<Reading> {
    const { onLines } = this.#options
    const found: ContainerLine[] = []
    const reading = await this.#read({}, signal, (lines) => found.push(...lines))
    if (reading.kind === 'ended' && !this.#ended && this.#position.isAnother) {
      await this.#read({ previous: true }, signal)
      if (this.#position.isAnother)
        this.#missing ??= 'its container was restarted or its log rotated between two readings'
    }
    if (found.length > 0) onLines(found)
    return reading
  }

  /** The end of a log of which no more can be read. */
  #gone(): LogEnd {
    return toLogEnd(this.#missing ?? this.#cut?.why ?? null)
  }

  async #read(way: LogQuery, signal: AbortSignal, take: LineSink = this.#options.onLines): Promise<Reading> {
    const reading = await this.#stream(way, signal, take).catch((error: unknown): Reading => ({
      kind: 'cut',
      why: `its stream was cut: ${getErrorMessage(error)}`,
    }))
    // The end of the run cuts the stream; the rest is left to the last reading.
    if (reading.kind === 'cut' && !(signal === this.#options.signal && signal.aborted)) {
      this.#cut = { why: reading.why, restarts: this.#options.restarts() }
    }
    return reading
  }

  async #stream(way: LogQuery, signal: AbortSignal, take: LineSink): Promise<Reading> {
    const { api, container } = this.#options
    // The log of the previous start continues at the position at which the present one was begun.
    if (!way.previous) this.#position.resume()
    const { sinceTime } = this.#position
    const flags = Object.fromEntries(Object.keys(way).map((flag) => [flag, 'true']))
    const query = { container, timestamps: 'true', ...flags, ...(sinceTime && { sinceTime }) }
    const response = await api.open({ path: `${this.#path}?${new URLSearchParams(query).toString()}`, signal })
    if (response.statusCode !== 200) {
      response.resume()
      return { kind: 'refused', status: response.statusCode ?? 0 }
    }
    const splitter = new LineSplitter()
    const others: string[] = []
    let reached = false
    for await (const chunk of response) {
      const raw = splitter.push(chunk as Buffer)
      if (!reached && raw.some(hasTimestamp)) {
        reached = true
        this.#resumed()
      }
      const lines = this.#position.fresh(raw, (line) => others.push(line))
      if (lines.length > 0) take(lines)
    }
    // A kubelet that fails in the middle writes its error into the stream, as it has no other place for it.
    const failure = others[0] ?? splitter.rest
    if (failure !== '' && !reached) return { kind: 'refused', status: 200 }
    if (failure !== '') return { kind: 'cut', why: `its stream said "${failure.slice(0, 200)}"` }
    if (!reached) this.#resumed()
    return { kind: 'ended' }
  }

  /** The log can be read again: nothing is missing, unless it is another log by now. */
  #resumed(): void {
    if (this.#cut && this.#cut.restarts !== this.#options.restarts()) {
      this.#missing ??= `it was restarted while ${this.#cut.why}`
    }
    this.#cut = null
  }
}

function hasTimestamp(line: string): boolean {
  return !Number.isNaN(parseWallUs(line.slice(0, Math.max(0, line.indexOf(' ')))))
}

function toLogEnd(why: string | null): LogEnd {
  return { complete: why === null, why }
}
