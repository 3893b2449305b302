/** The state that the watches have shown, so that an episode's log can begin some seconds ago: that state and every record since. */
import type { LogRecord } from '../../model/record.ts'

type RecordOf<T extends LogRecord['type']> = Extract<LogRecord, { type: T }>
type ObservedRecord = Exclude<LogRecord, { type: 'request' | 'summary' | 'served' }>

export class ObservedState {
  readonly #keepUs: number
  /** The state before the first of the records. */
  readonly #before = new KnownState()
  #records: ObservedRecord[] = []

  constructor(keepUs: number) {
    this.#keepUs = keepUs
  }

  /** The number of records in memory. */
  get size(): number {
    return this.#records.length + this.#before.size
  }

  /** Adds a record, in order of arrival; requests are ignored. */
  add(record: LogRecord): void {
    if (record.type === 'request' || record.type === 'summary' || record.type === 'served') return
    this.#records.push(record)
    const old = this.#records.findIndex(({ t }) => t > record.t - this.#keepUs)
    for (const one of this.#records.splice(0, Math.max(0, old))) this.#before.apply(one)
  }

  /** Records as in a log that begins at an instant: the state then as news of that instant, followed by later records. */
  listFrom(fromUs: number): LogRecord[] {
    const state = this.#before.clone()
    const later = this.#records.findIndex(({ t }) => t >= fromUs)
    const split = later < 0 ? this.#records.length : later
    for (const record of this.#records.slice(0, split)) state.apply(record)
    return [...state.list(fromUs), ...this.#records.slice(split)]
  }
}

/** The last record of every object that exists. */
class KnownState {
  readonly #pods = new Map<string, RecordOf<'pod'>>()
  readonly #slices = new Map<string, RecordOf<'endpoints'>>()
  readonly #programmed = new Map<string, RecordOf<'programmed'>>()
  readonly #counters = new Map<string, RecordOf<'network'>>()
  /** The last start of each container, by the names of its pod and itself. */
  readonly #starts = new Map<string, RecordOf<'container'>>()
  /** The last comparison with each driver's clock. */
  readonly #clocks = new Map<number, RecordOf<'clock'>>()
  /** Of each hop, whether new connections are reported: by the latest tracker, as each load has its own. */
  readonly #tracking = new Map<string, RecordOf<'tracking'>>()

  get #maps(): ReadonlyMap<unknown, ObservedRecord>[] {
    return [this.#clocks, this.#tracking, this.#pods, this.#slices, this.#programmed, this.#counters, this.#starts]
  }

  get size(): number {
    return this.#maps.reduce((sum, { size }) => sum + size, 0)
  }

  clone(): KnownState {
    const copy = new KnownState()
    for (const record of this.#all()) copy.apply(record)
    return copy
  }

  apply(record: ObservedRecord): void {
    if (record.type === 'pod') this.#applyPod(record)
    else if (record.type === 'endpoints') this.#applySlice(record)
    else if (record.type === 'programmed') this.#programmed.set(record.service, record)
    else if (record.type === 'network') this.#counters.set(record.pod, record)
    else if (record.type === 'clock') this.#clocks.set(record.driver, record)
    else if (record.type === 'tracking') this.#applyTracking(record)
    else if (record.type === 'container' && record.moment === 'started') {
      this.#starts.set(`${record.pod} ${record.container}`, record)
    }
  }

  /** Comparisons of clocks keep their times: their age matters. */
  list(atUs: number): LogRecord[] {
    return this.#all().map((record): LogRecord => {
      if (record.type === 'clock') return record
      if (record.type === 'tracking') return { ...record, t: atUs, from: atUs }
      return record.type === 'pod' ? { ...record, t: atUs, change: 'added' } : { ...record, t: atUs }
    })
  }

  #all(): ObservedRecord[] {
    return this.#maps.flatMap((records): ObservedRecord[] => [...records.values()])
  }

  #applyPod(record: RecordOf<'pod'>): void {
    const { name } = record.pod
    if (record.change !== 'deleted') {
      this.#pods.set(name, record)
      return
    }
    this.#pods.delete(name)
    this.#counters.delete(name)
    for (const key of this.#starts.keys()) if (key.startsWith(`${name} `)) this.#starts.delete(key)
  }

  #applySlice(record: RecordOf<'endpoints'>): void {
    if (record.endpoints.length > 0) this.#slices.set(record.slice, record)
    else this.#slices.delete(record.slice)
  }

  #applyTracking(record: RecordOf<'tracking'>): void {
    const hop = record.hop ?? 'driver'
    // Connections that were missed before a log begins do not make it less complete.
    if (record.state === 'on' || (record.state === 'off' && record.why !== null)) this.#tracking.set(hop, record)
    else if (record.state === 'off') this.#tracking.delete(hop)
  }
}
