/** The output of containers, stored for each start of each container, and read by `kubectl logs`. */
import type { LogQuery, PodLogs } from '../store/pod-logs.ts'
import type { LogLine } from '../runtime/runtime.ts'
import { StoreError } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import { sleepUnlessAborted } from '../network/bounded-frequency-runner.ts'
import { formatNanoseconds, toWallClockUs } from '../kubelet/kubernetes-time.ts'

/** The kubelet's default for rotation (containerLogMaxSize): the oldest lines are dropped once a log is larger. */
const sizeLimit = 10 * 1024 * 1024
const lineOverhead = 64
/** Followers get lines in pages: at a thousand requests a second a page for each line would cost more than the servers. */
const pageBytes = 256 * 1024
const flushIntervalMs = 10

/** A stored line: reading it twice must give the same. */
interface StampedLine {
  /** Wall clock, µs since 1970. */
  wallUs: number
  text: string
}

/** The log of one start of a container. */
export class ContainerLog {
  #lines: StampedLine[] = []
  #bytes = 0
  /** Number of dropped lines, which is the absolute number of the first one kept. */
  #first = 0
  #closed = false
  #changed = Promise.withResolvers<void>()

  append({ atUs, text }: LogLine): void {
    this.#lines.push({ wallUs: toWallClockUs(atUs), text })
    this.#bytes += text.length + lineOverhead
    if (this.#bytes > sizeLimit) this.#dropOldestHalf()
    this.#notify()
  }

  /** The container has ended: followers finish once they have read the rest. */
  close(): void {
    this.#closed = true
    this.#notify()
  }

  /** Pages of lines from `start` on, an absolute number; with `follow` until the log is closed or `signal` aborts. */
  async *pagesFrom(start: number, follow: boolean, signal: AbortSignal): AsyncGenerator<StampedLine[], void> {
    signal.addEventListener('abort', () => this.#notify(), { once: true })
    for (let next = start; !signal.aborted;) {
      next = Math.max(next, this.#first)
      const page = this.#page(next - this.#first)
      if (page.length > 0) {
        yield page
        next += page.length
      } else if (this.#closed || !follow) return
      else {
        await this.#changed.promise
        if (!this.#closed) await sleepUnlessAborted(flushIntervalMs, signal)
      }
    }
  }

  #page(from: number): StampedLine[] {
    let to = from
    for (let bytes = 0; to < this.#lines.length && bytes < pageBytes; to++) bytes += this.#lines[to]?.text.length ?? 0
    return this.#lines.slice(from, to)
  }

  /** The absolute number of the first of the last `tail` lines that are not older than `sinceUs` (wall clock). */
  findStart(tail: number, sinceUs: number): number {
    const young = this.#lines.findIndex((line) => line.wallUs >= sinceUs)
    const fromSince = young === -1 ? this.#lines.length : young
    return this.#first + Math.max(fromSince, this.#lines.length - tail)
  }

  #dropOldestHalf(): void {
    const dropped = this.#lines.splice(0, Math.ceil(this.#lines.length / 2))
    this.#first += dropped.length
    this.#bytes -= dropped.reduce((sum, line) => sum + line.text.length + lineOverhead, 0)
  }

  #notify(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

interface Attempts {
  current: ContainerLog
  previous?: ContainerLog
}

export class LogStore implements PodLogs {
  readonly #store: Store
  /** By the pod's uid, then by the container's name. */
  readonly #logs = new Map<string, Map<string, Attempts>>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Adds the log of a new start; the current one becomes the previous one. */
  add(podUid: string, container: string, current: ContainerLog): void {
    const logs = this.#logs.get(podUid) ?? new Map<string, Attempts>()
    this.#logs.set(podUid, logs)
    const last = logs.get(container)
    logs.set(container, { current, ...(last && { previous: last.current }) })
  }

  /** Removes the logs of a pod that is gone; open readers continue. */
  removePod(podUid: string): void {
    this.#logs.delete(podUid)
  }

  async *read(query: LogQuery, signal: AbortSignal): AsyncGenerator<string, void> {
    const { tailLines = Infinity, sinceSeconds, sinceTime, timestamps, limitBytes = Infinity } = query
    const log = this.#find(query)
    let sinceUs = -Infinity
    if (sinceSeconds !== undefined) sinceUs = (Date.now() - sinceSeconds * 1000) * 1000
    else if (sinceTime !== undefined) sinceUs = Date.parse(sinceTime) * 1000
    let leftBytes = limitBytes
    for await (const page of log.pagesFrom(log.findStart(tailLines, sinceUs), query.follow, signal)) {
      const text = page
        .map(({ wallUs: stamp, text }) => `${timestamps ? `${formatNanoseconds(stamp)} ` : ''}${text}\n`)
        .join('')
      const size = leftBytes === Infinity ? 0 : Buffer.byteLength(text)
      if (size > leftBytes) {
        if (leftBytes > 0) yield Buffer.from(text).subarray(0, leftBytes).toString()
        return
      }
      leftBytes -= size
      yield text
    }
  }

  #find(query: LogQuery): ContainerLog {
    const { namespace, pod: podName, previous } = query
    const pod = this.#store.read('pods', podName, namespace)
    const container =
      query.container ??
      pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ??
      pod.spec?.containers[0]?.name ??
      ''
    const attempts = this.#logs.get(pod.metadata.uid)?.get(container)
    const log = previous ? attempts?.previous : attempts?.current
    if (log) return log
    const subject = `container "${container}" in pod "${podName}"`
    throw new StoreError(
      'NotFound',
      previous && attempts ? `previous terminated ${subject} not found` : `${subject} is waiting to start`,
    )
  }
}
