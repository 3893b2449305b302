/** To where the kernel led each new connection, in columns: as many as there are requests on new connections. */
import type { PlainRecord } from '../../model/plain-record.ts'
import { growColumn } from '../facts/grow-column.ts'

type TranslationRecord = Extract<PlainRecord, { type: 'translation' }>

/** One new connection. */
export interface Translation {
  atUs: number
  /** How far off that may be. */
  errorUs: number
  /** The address and the port of who is to answer. */
  to: string
}

const ports = 65_536

export class TranslationTable {
  #size = 0
  #key = new Float64Array(1024)
  #at = new Float64Array(1024)
  #error = new Float64Array(1024)
  #to = new Uint32Array(1024)
  readonly #names: string[] = []
  readonly #numbers = new Map<string, number>()
  /** Rows by key, then by time; `null` when rows have been added since. */
  #order: Uint32Array | null = null
  #mostErrorUs = 0

  get size(): number {
    return this.#size
  }

  add({ t, driver, errorUs, to, ports: columns, times, places }: TranslationRecord): void {
    this.#order = null
    this.#mostErrorUs = Math.max(this.#mostErrorUs, errorUs)
    let atUs = t
    for (const [index, port] of columns.entries()) {
      atUs += times[index] ?? 0
      if (this.#size === this.#key.length) this.#grow()
      const row = this.#size++
      this.#key[row] = driver * ports + port
      this.#at[row] = atUs
      this.#error[row] = errorUs
      this.#to[row] = this.#numberOf(to[places[index] ?? 0] ?? '')
    }
  }

  *[Symbol.iterator](): Generator<Translation> {
    for (let row = 0; row < this.#size; row++) yield this.#read(row)
  }

  /**
   * Of the connections that a driver's port was used for between two instants, give or take the error of each time, the one nearest to the
   * first; `null` when there was none.
   */
  findBetween(driver: number, port: number, fromUs: number, toUs: number): Translation | null {
    const key = driver * ports + port
    const order = (this.#order ??= this.#sort())
    let best: number | null = null
    const distance = (row: number): number => Math.abs((this.#at[row] ?? 0) - fromUs)
    for (let place = this.#findPlace(order, key, fromUs - this.#mostErrorUs); place < order.length; place++) {
      const row = order[place]!
      const [atUs = 0, errorUs = 0] = [this.#at[row], this.#error[row]]
      if (this.#key[row] !== key || atUs > toUs + this.#mostErrorUs) break
      if (atUs < fromUs - errorUs || atUs > toUs + errorUs) continue
      if (best === null || distance(row) < distance(best)) best = row
    }
    return best === null ? null : this.#read(best)
  }

  /** The last connection that a driver's port was used for before an instant. */
  findBefore(driver: number, port: number, atUs: number): Translation | null {
    const key = driver * ports + port
    const order = (this.#order ??= this.#sort())
    const row = order[this.#findPlace(order, key, atUs) - 1]
    return row !== undefined && this.#key[row] === key ? this.#read(row) : null
  }

  #read(row: number): Translation {
    return { atUs: this.#at[row] ?? 0, errorUs: this.#error[row] ?? 0, to: this.#names[this.#to[row] ?? 0] ?? '' }
  }

  #sort(): Uint32Array {
    const rows = Uint32Array.from({ length: this.#size }, (_, row) => row)
    const [key, at] = [this.#key, this.#at]
    return rows.sort((a, b) => key[a]! - key[b]! || at[a]! - at[b]!)
  }

  /** The place of the first row of this key at that time or later, or of a later key. */
  #findPlace(order: Uint32Array, key: number, atUs: number): number {
    let [low, high] = [0, order.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const row = order[middle]!
      const [rowKey = 0, rowUs = 0] = [this.#key[row], this.#at[row]]
      if (rowKey < key || (rowKey === key && rowUs < atUs)) low = middle + 1
      else high = middle
    }
    return low
  }

  #numberOf(to: string): number {
    const known = this.#numbers.get(to)
    if (known !== undefined) return known
    const number = this.#names.push(to) - 1
    this.#numbers.set(to, number)
    return number
  }

  #grow(): void {
    this.#key = growColumn(this.#key)
    this.#at = growColumn(this.#at)
    this.#error = growColumn(this.#error)
    this.#to = growColumn(this.#to)
  }
}
