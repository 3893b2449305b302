/**
 * Follows the connection tracking of the drivers' nodes, and with an ingress controller of its pods' nodes, and records to which pod the
 * kernel sent each new connection. It serves attribution only: if it is unavailable or cut, the log says so and the run continues.
 */
import { isIPv4 } from 'node:net'
import type { KubeApi } from '../../cluster/api.ts'
import type { NodeClock } from '../../cluster/node-clock.ts'
import type { ClusterProvider, TrackedConnections, TrackingPod } from '../../cluster/provider.ts'
import { LineSplitter } from '../../cluster/response-body.ts'
import type { Clock } from '../../base/clock.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { pause } from '../../base/polling.ts'
import type { LogRecord } from '../../model/record.ts'
import { WallClock } from '../observe/node-timestamps.ts'
import { isListening, isOverrun, parseConntrackLine } from './conntrack-line.ts'
import type { ControllerPods } from './controller-pods.ts'
import { TranslationBatch } from './translation-batch.ts'

export interface TrackingOptions {
  /** From the cluster's provider. */
  trackConnections: NonNullable<ClusterProvider['trackConnections']>
  api: KubeApi
  /** The pod that may be made for it on each node. */
  pod?: TrackingPod
  /** In the order of their numbers. */
  drivers: readonly { node: string; ip: string }[]
  /** The Service's address, to which the load is sent. */
  target: { host: string; port: number }
  /** The pods of the ingress controller that the load goes through, which connect to the workload's pods themselves. */
  controllers?: ControllerPods
  /** Maximum number of connections that are kept. */
  most: number
  clock: Clock
  /** How far the nodes' clocks are ahead of this machine's; `null` where that is unknown. */
  nodeClock: NodeClock | null
  write: (record: LogRecord) => void
  /** Cancels the start; from then on `stop` ends the tracking. */
  signal: AbortSignal
}

export interface Tracking {
  /** Resolves when the connections reported so far are in the log and no more are read. */
  stop(): Promise<void>
}

/** Resolves when every node is tracked that can be. */
export async function startTracking(options: TrackingOptions): Promise<Tracking> {
  const { drivers, target, controllers, clock, write } = options
  const nodes = [...new Set(drivers.map(({ node }) => node))]
  const sources = new Map(drivers.map(({ ip }, driver) => [ip, driver]))
  const filter = { address: target.host, port: target.port }
  const toService = isIPv4(target.host) ? nodes.map((node): Tracked => ({ node, sources, filter })) : []
  if (controllers?.why != null) {
    const now = clock.now()
    write({ type: 'tracking', t: now, node: '', hop: 'controller', state: 'off', from: now, why: controllers.why })
  }
  const ofControllers = (controllers?.pods ?? []).map(({ node, ip }, number): Tracked => {
    return { node, sources: new Map([[ip, number]]), filter: { source: ip }, hop: 'controller' }
  })
  const trackers = [...toService, ...ofControllers].map((tracked) => new NodeTracker(tracked, options))
  await Promise.all(trackers.map((tracker) => tracker.start()))
  return { stop: async () => void (await Promise.all(trackers.map((tracker) => tracker.stop()))) }
}

const holdMs = 500
const mostInBatch = 1_000
/** Maximum delay from the last connection to its line. */
const settleMs = 300
/** A pod may have to be made for it. */
const startLimitMs = 70_000

/** What is read on one node. */
interface Tracked {
  node: string
  filter: TrackedConnections['filter']
  /** The numbers of those whose connections are kept, by address. */
  sources: ReadonlyMap<string, number>
  /** Whose connections they are; absent: drivers'. */
  hop?: 'controller'
}

class NodeTracker {
  readonly #tracked: Tracked
  readonly #options: TrackingOptions
  readonly #ending = new AbortController()
  readonly #wall: WallClock
  readonly #batches = new Map<number, TranslationBatch>()
  readonly #listening = Promise.withResolvers<void>()
  #isOn = false
  #kept = 0
  /** Since when no more are kept. */
  #fullUs: number | null = null
  /** When the last line was read: anything lost was lost later. */
  #readUs = 0
  #timer: NodeJS.Timeout | undefined
  #reading: Promise<void> = Promise.resolve()

  constructor(tracked: Tracked, options: TrackingOptions) {
    this.#tracked = tracked
    this.#options = options
    this.#wall = new WallClock(options.clock, options.nodeClock)
  }

  /** Resolves when connections are reported, or never will be. */
  async start(): Promise<void> {
    const { trackConnections, api, pod, clock, signal: interrupted } = this.#options
    const { node, filter } = this.#tracked
    const giveUp = (): void => this.#ending.abort()
    const late = setTimeout(giveUp, startLimitMs)
    interrupted.addEventListener('abort', giveUp, { once: true })
    if (interrupted.aborted) giveUp()
    try {
      const { signal } = this.#ending
      const output = await trackConnections({ api, node, filter, ...(pod && { pod }), signal })
      this.#reading = this.#read(output)
      await Promise.race([this.#listening.promise, this.#reading])
    } catch (error) {
      this.#tell('off', clock.now(), explainFailure(error))
    } finally {
      clearTimeout(late)
      interrupted.removeEventListener('abort', giveUp)
    }
  }

  async stop(): Promise<void> {
    if (this.#isOn && !this.#ending.signal.aborted) await pause(settleMs, this.#ending.signal)
    this.#ending.abort()
    await this.#reading
  }

  async #read(chunks: AsyncIterable<unknown>): Promise<void> {
    const splitter = new LineSplitter()
    let why = 'conntrack ended'
    try {
      for await (const chunk of chunks) {
        for (const line of splitter.push(chunk as Buffer)) if (!this.#take(line)) why = line
      }
    } catch (error) {
      why = getErrorMessage(error)
    }
    this.#flush()
    if (this.#fullUs !== null) this.#tell('off', this.#fullUs, 'there were too many connections to keep all')
    else this.#tell('off', this.#options.clock.now(), this.#isOn && this.#ending.signal.aborted ? null : why)
    this.#ending.abort()
  }

  /** Returns whether the line was understood: a connection, an overrun, or that it listens. */
  #take(line: string): boolean {
    const { clock } = this.#options
    const now = clock.now()
    const led = parseConntrackLine(line)
    if (led === null) {
      if (isListening(line)) this.#begin(now)
      if (isOverrun(line)) this.#tell('lossy', this.#readUs, 'the kernel had no room for more events')
      return isListening(line) || isOverrun(line)
    }
    this.#readUs = now
    const source = this.#tracked.sources.get(led.source)
    if (source === undefined || this.#fullUs !== null) return true
    if (this.#kept < this.#options.most) this.#keep(source, led, now)
    else {
      this.#fullUs = now
      this.#ending.abort()
    }
    return true
  }

  #begin(now: number): void {
    this.#isOn = true
    this.#readUs = now
    this.#tell('on', now, null)
    this.#listening.resolve()
  }

  // oxlint-disable-next-line max-params -- whose connection, where it was led, and when that was heard of
  #keep(source: number, led: { wallUs: number; sourcePort: number; to: string }, now: number): void {
    this.#kept++
    const batch = this.#batches.get(source) ?? new TranslationBatch(source, this.#tracked.hop)
    this.#batches.set(source, batch)
    batch.add(led.sourcePort, led.to, this.#wall.fromStamp(led.wallUs, now))
    this.#timer ??= setTimeout(() => this.#flush(), holdMs)
    if (batch.size >= mostInBatch) this.#flush()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const batches = [...this.#batches.values()]
    this.#batches.clear()
    for (const batch of batches) this.#write(batch.toRecord(this.#options.clock.now()))
  }

  #tell(state: 'on' | 'lossy' | 'off', from: number, why: string | null): void {
    const { node, hop } = this.#tracked
    this.#write({ type: 'tracking', t: this.#options.clock.now(), node, ...(hop && { hop }), state, from, why })
  }

  /** An event log that cannot be written ends the run by itself. */
  #write(record: LogRecord): void {
    try {
      this.#options.write(record)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
    }
  }
}

function explainFailure(error: unknown): string {
  const advice = error instanceof Fault && error.advice !== '' ? `. ${error.advice}` : ''
  return `${getErrorMessage(error)}${advice}`
}
