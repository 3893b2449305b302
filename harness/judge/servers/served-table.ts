/** Lines of servers' logs in columns, like requests: two million take 64 MB. */
import type { ServedRecord } from '../../model/record.ts'
import type { PodAccessLogEntry } from '../../model/server-logs.ts'
import { growColumn } from '../facts/grow-column.ts'
import { toRequestKey } from '../facts/request-key.ts'

/** The container that lines come from. */
export type ServedPlace = Pick<PodAccessLogEntry, 'pod' | 'container' | 'role' | 'errorUs'>

export class ServedTable {
  readonly places: (ServedPlace & { lines: number })[] = []
  readonly #placeNumbers = new Map<string, number>()
  /** Of the few unusual lines, by their index. */
  readonly #upstreams = new Map<number, string>()
  readonly #cut = new Set<number>()
  #size = 0
  #key = new Float64Array(1024)
  #at = new Float64Array(1024)
  #took = new Float64Array(1024)
  #status = new Uint32Array(1024)
  #place = new Uint32Array(1024)

  get size(): number {
    return this.#size
  }

  add({ pod, container, role, errorUs, driver, lines }: ServedRecord): void {
    const place = this.#numberPlace({ pod, container, role, errorUs })
    this.places[place]!.lines += lines.length
    for (const { seq, atUs, tookUs, status, upstream, whole } of lines) {
      if (this.#size === this.#key.length) this.#grow()
      const index = this.#size++
      this.#key[index] = toRequestKey(driver, seq)
      this.#at[index] = atUs
      this.#took[index] = tookUs
      this.#status[index] = status
      this.#place[index] = place
      if (upstream !== null) this.#upstreams.set(index, upstream)
      if (!whole) this.#cut.add(index)
    }
  }

  /** Identifies the request by its driver and number together. */
  key(index: number): number {
    return this.#key[index] ?? 0
  }

  /** When it was written, in µs. */
  at(index: number): number {
    return this.#at[index] ?? 0
  }

  place(index: number): (typeof this.places)[number] {
    return this.places[this.#place[index] ?? 0]!
  }

  status(index: number): number {
    return this.#status[index] ?? 0
  }

  /** The index and the text of each line that names other answers than its own. */
  listUpstreams(): Iterable<[index: number, upstream: string]> {
    return this.#upstreams
  }

  line(index: number): PodAccessLogEntry {
    const { pod, container, role, errorUs } = this.place(index)
    return {
      pod,
      container,
      role,
      errorUs,
      atUs: this.#at[index] ?? 0,
      tookUs: this.#took[index] ?? 0,
      status: this.#status[index] ?? 0,
      upstream: this.#upstreams.get(index) ?? null,
      whole: !this.#cut.has(index),
    }
  }

  /** The error of a container's lines is the largest error of any of them. */
  #numberPlace(place: ServedPlace): number {
    const name = JSON.stringify([place.pod, place.container, place.role])
    const known = this.#placeNumbers.get(name)
    if (known !== undefined) {
      const { errorUs } = this.places[known]!
      this.places[known]!.errorUs = Math.max(errorUs, place.errorUs)
      return known
    }
    this.#placeNumbers.set(name, this.places.length)
    return this.places.push({ ...place, lines: 0 }) - 1
  }

  #grow(): void {
    this.#key = growColumn(this.#key)
    this.#at = growColumn(this.#at)
    this.#took = growColumn(this.#took)
    this.#status = growColumn(this.#status)
    this.#place = growColumn(this.#place)
  }
}
