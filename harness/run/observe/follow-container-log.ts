/**
 * Follows the log of one container, through its restarts, to its last line: a cut stream resumes where it was, and what was
 * written before the pod is gone is read although the pod is.
 *
 * To follow a busy server's log costs its kubelet and the API server more than half of what the requests cost the server (measured on
 * kind), and so slows down what is to be measured. So a container whose end is not in sight is only looked at from time to time.
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
  /** Gets what has arrived, in the order of the log. */
  onLines: (lines: readonly ContainerLine[]) => void
  /** How often the container has been restarted, as its pod's status says. */
  restarts: () => number
  /** From one look to the next, ms. What comes meanwhile must fit into a log before it is rotated. */
  pauseMs: () => number
  /** The container may end at any moment, and its log be gone soon after. */
  ending: AbortSignal
  /** The run is over: the log is read once more to where it is now. */
  signal: AbortSignal
}

/** How far a log was read: to its end, or to where the run ended; else why not. */
export interface LogEnd {
  complete: boolean
  why: string | null
}

/**
 * What one request for the log came to. `ended`: in good order, as when the container has exited. `refused`: with a status, or
 * by a kubelet that has nothing but an error, which it can put nowhere but in the stream.
 */
type Reading = { kind: 'ended' } | { kind: 'cut'; why: string } | { kind: 'refused'; status: number }

/** Which of a container's logs, and whether to its end. */
type LogQuery = { follow?: true; previous?: true }
type LineSink = FollowLogOptions['onLines']

const retryMs = { first: 50, most: 1_000 }
/** How long a server and its container runtime may take to write down what the client has seen already. */
const settleMs = 200
const lastReadMs = 5_000

export async function followContainerLog(options: FollowLogOptions): Promise<LogEnd> {
  return new LogFollower(options).follow()
}

class LogFollower {
  readonly #options: FollowLogOptions
  readonly #path: string
  readonly #position = new LogPosition()
  /** Why lines may be missing; for good. */
  #missing: string | null = null
  /** Since the last stream broke nothing has been read. */
  #cut: { why: string; restarts: number } | null = null
  /** The last stream ended in good order. */
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
    // The last answers came before the lines that tell of them.
    await pause(settleMs)
    const last = await this.#look(AbortSignal.timeout(lastReadMs))
    if (last.kind === 'refused' && last.status === 404) return this.#gone()
    // A container that has ended has no more to say; of one that runs something may be missing.
    if (last.kind === 'refused' && !this.#ended) return toLogEnd(`the last reading was answered ${last.status}`)
    return this.#gone()
  }

  /** Looks at the log again and again until the container's end is in sight, and then once more. */
  async #watchOver(): Promise<void> {
    const { signal, ending, pauseMs } = this.#options
    const called = AbortSignal.any([signal, ending])
    for (let isLast = false; !isLast && !signal.aborted;) {
      isLast = ending.aborted
      const reading = await this.#look(signal)
      if (reading.kind === 'refused' && reading.status === 404) {
        this.#missing ??= 'its pod was gone before anybody knew that it would end'
        return
      }
      if (!isLast) await pause(pauseMs(), called)
    }
  }

  /**
   * Reads what there is by now. A container that was restarted since the last look has the end of its log elsewhere; one whose log
   * was followed to its end has none that is not known.
   */
  async #look(signal: AbortSignal): Promise<Reading> {
    const { onLines } = this.#options
    const found: ContainerLine[] = []
    const reading = await this.#read({}, signal, (lines) => found.push(...lines))
    if (reading.kind === 'ended' && !this.#ended && this.#position.isAnother) {
      await this.#read({ previous: true }, signal)
      if (this.#position.isAnother)
        this.#missing ??= 'its container was restarted or its log rotated while nobody looked'
    }
    if (found.length > 0) onLines(found)
    return reading
  }

  /** No more can be read. */
  #gone(): LogEnd {
    return toLogEnd(this.#missing ?? this.#cut?.why ?? null)
  }

  async #read(way: LogQuery, signal: AbortSignal, take: LineSink = this.#options.onLines): Promise<Reading> {
    const reading = await this.#stream(way, signal, take).catch((error: unknown): Reading => ({
      kind: 'cut',
      why: `its stream was cut: ${getErrorMessage(error)}`,
    }))
    // The end of the run cuts the stream that follows; what was left in it is for the last reading.
    if (reading.kind === 'cut' && !(signal === this.#options.signal && signal.aborted)) {
      this.#cut = { why: reading.why, restarts: this.#options.restarts() }
    }
    return reading
  }

  async #stream(way: LogQuery, signal: AbortSignal, take: LineSink): Promise<Reading> {
    const { api, container } = this.#options
    // The log of the start before goes on where the one that took its place was begun.
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
    // A kubelet that fails in the middle says so in the stream itself, which has no other place for it.
    const failure = others[0] ?? splitter.rest
    if (failure !== '' && !reached) return { kind: 'refused', status: 200 }
    if (failure !== '') return { kind: 'cut', why: `its stream said "${failure.slice(0, 200)}"` }
    if (!reached) this.#resumed()
    return { kind: 'ended' }
  }

  /** The log can be read again: nothing is missing, unless it is another's by now. */
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
