/** The driver's records: rows of one typed array, used as a ring, so that storing a record creates no garbage. */
import { rowLength, textPlaces, writeRow, writeTexts } from './request-row.ts'
import type { RecordRows, RowValues } from './request-row.ts'

const textCount = textPlaces.length

export class RecordBuffer {
  readonly #capacity: number
  readonly #rows: Float64Array
  readonly #texts: (string | null)[]
  #settled = 0
  #acknowledged = 0

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#rows = new Float64Array(capacity * rowLength)
    this.#texts = Array.from<string | null>({ length: capacity * textCount }).fill(null)
  }

  /** Number of the last record; they count from 1. */
  get settled(): number {
    return this.#settled
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  /** The number of records that still fit. */
  get room(): number {
    return this.#capacity - (this.#settled - this.#acknowledged)
  }

  /** Stores a record in the form in which it is sent, so that sending is only copying. */
  add(request: RowValues): void {
    if (this.room === 0) throw new Error('Cannot keep another record: the buffer is full')
    const slot = this.#settled++ % this.#capacity
    writeRow(this.#rows, slot * rowLength, request)
    writeTexts(this.#texts, slot * textCount, request)
  }

  /** Drops the records up to number `after`. */
  acknowledge(after: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(after, this.#settled))
  }

  /** The records after number `after`, at most `max`. */
  slice(after: number, max: number): RecordRows {
    const count = Math.max(0, Math.min(max, this.#settled - after))
    const rows = this.#copy(after, count)
    const table = new TextTable()
    for (let index = 0; index < count; index++) {
      let text = ((after + index) % this.#capacity) * textCount
      for (const place of textPlaces) rows[index * rowLength + place] = table.indexOf(this.#texts[text++]!)
    }
    return { first: after + 1, count, rows, texts: table.all }
  }

  #copy(after: number, count: number): Float64Array {
    const from = (after % this.#capacity) * rowLength
    const upToEnd = this.#rows.subarray(from, from + count * rowLength)
    const rows = new Float64Array(count * rowLength)
    rows.set(upToEnd)
    rows.set(this.#rows.subarray(0, rows.length - upToEnd.length), upToEnd.length)
    return rows
  }
}

/** The texts of one batch, without duplicates. */
class TextTable {
  readonly all: string[] = []
  readonly #indexes = new Map<string, number>()

  /** Returns -1 for `null`. */
  indexOf(text: string | null): number {
    if (text === null) return -1
    const known = this.#indexes.get(text)
    if (known !== undefined) return known
    this.#indexes.set(text, this.all.length)
    return this.all.push(text) - 1
  }
}
