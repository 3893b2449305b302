/**
 * Follows the log of one container, through its restarts, to its last line: a cut stream resumes where it was, and what was
 * written before the pod is gone is read although the pod is.
 */
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeApi } from '../cluster/api.ts'
import { messageOf } from '../fault.ts'
import { wallUsOf } from './wall-clock.ts'

export interface ContainerLine {
  /** The container runtime's stamp: its node's wall clock, µs since 1970. */
  wallUs: number
  text: string
}

export interface FollowLogOptions {
  api: KubeApi
  namespace: string
  pod: string
  container: string
  /** Gets what has arrived, in the order of the log. */
  onLines: (lines: readonly ContainerLine[]) => void
  /** How often the container has been restarted, as its pod's status says. */
  restarts: () => number
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
 * by a kubelet that has nothing but a complaint, which it can put nowhere but in the stream.
 */
type Reading = { kind: 'ended' } | { kind: 'cut'; why: string } | { kind: 'refused'; status: number }

const retryMs = { first: 50, most: 1_000 }
/** How long a server and its container runtime may take to write down what the client has seen already. */
const settleMs = 200
const lastReadMs = 5_000

export async function followLog(options: FollowLogOptions): Promise<LogEnd> {
  return new LogFollower(options).follow()
}

class LogFollower {
  readonly #options: FollowLogOptions
  readonly #path: string
  readonly #tail = new Tail()
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
    let pauseMs = retryMs.first
    while (!signal.aborted) {
      const known = this.#tail.lines
      const reading = await this.#read(true, signal)
      if (signal.aborted) break
      if (reading.kind === 'refused' && reading.status === 404) return this.#gone()
      if (reading.kind !== 'refused') this.#ended = reading.kind === 'ended'
      pauseMs = this.#tail.lines > known ? retryMs.first : Math.min(pauseMs * 2, retryMs.most)
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
    }
    // The last answers came before the lines that tell of them.
    await sleep(settleMs)
    const last = await this.#read(false, AbortSignal.timeout(lastReadMs))
    if (last.kind === 'refused' && last.status === 404) return this.#gone()
    // A container that has ended has no more to say; of one that runs something may be missing.
    if (last.kind === 'refused' && !this.#ended) return ended(`the last reading was answered ${last.status}`)
    return this.#gone()
  }

  /** No more can be read. */
  #gone(): LogEnd {
    return ended(this.#missing ?? this.#cut?.why ?? null)
  }

  async #read(follow: boolean, signal: AbortSignal): Promise<Reading> {
    const reading = await this.#stream(follow, signal).catch((error: unknown): Reading => ({
      kind: 'cut',
      why: `its stream was cut: ${messageOf(error)}`,
    }))
    // The end of the run cuts the stream that follows; what was left in it is for the last reading.
    if (reading.kind === 'cut' && !(follow && signal.aborted)) {
      this.#cut = { why: reading.why, restarts: this.#options.restarts() }
    }
    return reading
  }

  async #stream(follow: boolean, signal: AbortSignal): Promise<Reading> {
    const { api, container, onLines } = this.#options
    const sinceTime = this.#tail.sinceTime
    const query = { container, timestamps: 'true', ...(follow && { follow: 'true' }), ...(sinceTime && { sinceTime }) }
    const response = await api.open({ path: `${this.#path}?${new URLSearchParams(query).toString()}`, signal })
    if (response.statusCode !== 200) {
      response.resume()
      return { kind: 'refused', status: response.statusCode ?? 0 }
    }
    this.#tail.resume()
    const decoder = new StringDecoder('utf8')
    let rest = ''
    const others: string[] = []
    let reached = false
    for await (const chunk of response) {
      const raw = (rest + decoder.write(chunk as Buffer)).split('\n')
      rest = raw.pop() ?? ''
      if (!reached && raw.some(isStamped)) {
        reached = true
        this.#resumed()
      }
      const lines = this.#tail.fresh(raw, (line) => others.push(line))
      if (lines.length > 0) onLines(lines)
    }
    // A kubelet that fails in the middle says so in the stream itself, which has no other place for it.
    const complaint = others[0] ?? rest
    if (complaint !== '' && !reached) return { kind: 'refused', status: 200 }
    if (complaint !== '') return { kind: 'cut', why: `its stream said "${complaint.slice(0, 200)}"` }
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

function isStamped(line: string): boolean {
  return !Number.isNaN(wallUsOf(line.slice(0, Math.max(0, line.indexOf(' ')))))
}

function ended(why: string | null): LogEnd {
  return { complete: why === null, why }
}

/** Stamps of one container's two streams are in order but for a fraction of this. */
const overlapUs = 1_000_000
/** API servers hand `sinceTime` on in whole seconds. */
const cutUs = 1_001_000

/** The end of what was read, so that a stream that begins a little before it repeats nothing and misses nothing. */
class Tail {
  lines = 0
  #latestUs = -Infinity
  #recent: { wallUs: number; raw: string }[] = []
  /** How often each line came that may now come again. */
  #again = new Map<string, number>()

  get sinceTime(): string | null {
    return this.#latestUs === -Infinity ? null : new Date((this.#latestUs - overlapUs) / 1000).toISOString()
  }

  /** A new stream begins at `sinceTime`. */
  resume(): void {
    this.#again = new Map()
    for (const { raw } of this.#recent) this.#again.set(raw, (this.#again.get(raw) ?? 0) + 1)
  }

  /** Those of the lines that were not there before. `onOther` gets what carries no stamp. */
  fresh(raw: readonly string[], onOther: (line: string) => void): ContainerLine[] {
    const lines: ContainerLine[] = []
    for (const line of raw) {
      const space = line.indexOf(' ')
      const wallUs = wallUsOf(space < 0 ? line : line.slice(0, space))
      if (Number.isNaN(wallUs)) onOther(line)
      else if (this.#isNew(line)) {
        lines.push({ wallUs, text: space < 0 ? '' : line.slice(space + 1) })
        this.#recent.push({ wallUs, raw: line })
        this.#latestUs = Math.max(this.#latestUs, wallUs)
      }
    }
    this.lines += lines.length
    this.#forget()
    return lines
  }

  #isNew(line: string): boolean {
    const times = this.#again.get(line) ?? 0
    if (times === 0) return true
    this.#again.set(line, times - 1)
    return false
  }

  #forget(): void {
    const keepFrom = this.#recent.findIndex(({ wallUs }) => wallUs >= this.#latestUs - overlapUs - cutUs)
    if (keepFrom > 1_000) this.#recent.splice(0, keepFrom)
  }
}
