/** Instants at which drivers used ports, in columns, found by port and time. */
import { growColumn } from '../facts/grow-column.ts'

const ports = 65_536

export class PortTimes {
  #size = 0
  #key = new Float64Array(1024)
  #at = new Float64Array(1024)
  /** Rows by port, then by time; `null` if rows were added since. */
  #order: Uint32Array | null = null

  get size(): number {
    return this.#size
  }

  /** Returns its row: 0, 1, 2 … */
  add(driver: number, port: number, atUs: number): number {
    this.#order = null
    if (this.#size === this.#key.length) {
      this.#key = growColumn(this.#key)
      this.#at = growColumn(this.#at)
    }
    this.#key[this.#size] = driver * ports + port
    this.#at[this.#size] = atUs
    return this.#size++
  }

  atUs(row: number): number {
    return this.#at[row] ?? 0
  }

  driver(row: number): number {
    return Math.floor((this.#key[row] ?? 0) / ports)
  }

  port(row: number): number {
    return (this.#key[row] ?? 0) % ports
  }

  /** Rows of a port in `[fromUs, toUs)`, in order of time. */
  listBetween({ driver, port }: PortOfDriver, fromUs: number, toUs: number): number[] {
    const key = driver * ports + port
    const order = (this.#order ??= this.#sort())
    const found: number[] = []
    for (let place = this.#findPlace(key, fromUs); place < order.length; place++) {
      const row = order[place]!
      if (this.#key[row] !== key || this.atUs(row) >= toUs) break
      found.push(row)
    }
    return found
  }

  /** The latest time before an instant, and the first one at or after it; infinite if there is none. */
  findAround({ driver, port }: PortOfDriver, atUs: number): { beforeUs: number; fromUs: number } {
    const key = driver * ports + port
    const order = (this.#order ??= this.#sort())
    const place = this.#findPlace(key, atUs)
    const isOwn = (row: number | undefined): row is number => row !== undefined && this.#key[row] === key
    const [before, from] = [order[place - 1], order[place]]
    return {
      beforeUs: isOwn(before) ? this.atUs(before) : -Infinity,
      fromUs: isOwn(from) ? this.atUs(from) : Infinity,
    }
  }

  #sort(): Uint32Array {
    const rows = Uint32Array.from({ length: this.#size }, (_, row) => row)
    const [key, at] = [this.#key, this.#at]
    return rows.sort((a, b) => key[a]! - key[b]! || at[a]! - at[b]!)
  }

  /** The index of the first row of this port at that time or later, or of a later port. */
  #findPlace(key: number, atUs: number): number {
    const order = (this.#order ??= this.#sort())
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
}

export interface PortOfDriver {
  driver: number
  port: number
}
