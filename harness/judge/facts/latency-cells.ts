/**
 * Latencies by span of time and lane. Of each histogram the buckets that are not empty are packed, as their step from the one
 * before and their count, in two bytes or three: few numbers for each span, however many requests.
 */
import { HistogramSum, sizeOf } from '../../model/histogram.ts'
import type { Histogram } from '../../model/histogram.ts'
import { lanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import type { RequestSummary, SummaryGroup } from '../../model/request-summary.ts'
import { grown } from './grow-column.ts'
import { PackedPairs } from './packed-pairs.ts'

/** The requests of one lane that were due in one span, all in the same phase of the run. */
export interface Cell {
  lane: Lane
  /** When one of them was due. */
  dueUs: number
  count: number
}

type Span = Pick<RequestSummary, 'fromUs' | 'toUs' | 'firstDueUs'>

interface OpenCell extends Cell {
  fromUs: number
  toUs: number
  latency: HistogramSum
}

/** Of so many cells the latest are not packed yet: batches of several drivers tell of the same span, a little apart. */
const mostOpen = 64

export class Cells {
  /** In a ring, of which `#oldest` is filled anew next: what is made for each cell would be as much as the requests are. */
  readonly #open: OpenCell[] = []
  #oldest = 0
  #size = 0
  #lane = new Uint8Array(256)
  #due = new Float64Array(256)
  #count = new Float64Array(256)
  #max = new Float64Array(256)
  /** Where the buckets of each begin. */
  #begin = new Float64Array(256)
  readonly #buckets = new PackedPairs()

  /** What the histograms take, all together. */
  get packedBytes(): number {
    this.#packAll()
    return this.#buckets.size
  }

  /** Adds to the cell of this lane and of the span `[fromUs, toUs)`. */
  add({ fromUs, toUs, firstDueUs }: Span, { lane, latency }: Pick<SummaryGroup, 'lane' | 'latency'>): void {
    const isIts = (cell: OpenCell): boolean => cell.fromUs === fromUs && cell.lane === lane && cell.toUs === toUs
    const cell = this.#open.find(isIts) ?? this.#opened()
    if (cell.count === 0) Object.assign(cell, { lane, fromUs, toUs, dueUs: firstDueUs })
    cell.count += sizeOf(latency)
    cell.latency.add(latency)
  }

  *[Symbol.iterator](): Generator<Cell> {
    this.#packAll()
    for (let index = 0; index < this.#size; index++) yield this.#cell(index)
  }

  /** The latencies of those that `keep` lets through, together. */
  latency(keep: (cell: Cell) => boolean): Histogram {
    return this.latencies(1, (cell) => (keep(cell) ? 0 : -1))[0]!
  }

  /** The latencies in each of so many places, where `placeOf` tells whose they are; outside of them nobody's. */
  latencies(places: number, placeOf: (cell: Cell) => number): Histogram[] {
    this.#packAll()
    const sums = new Map<number, HistogramSum>()
    for (let index = 0; index < this.#size; index++) {
      const place = placeOf(this.#cell(index))
      if (place < 0 || place >= places) continue
      const sum = sums.get(place) ?? new HistogramSum()
      sums.set(place, sum)
      this.#unpack(index, sum)
    }
    return Array.from({ length: places }, (_, place) => sums.get(place)?.sum() ?? { counts: [], maxUs: 0 })
  }

  #cell(index: number): Cell {
    return { lane: lanes[this.#lane[index]!]!, dueUs: this.#due[index]!, count: this.#count[index]! }
  }

  /** An empty one, in the place of the oldest. */
  #opened(): OpenCell {
    if (this.#open.length < mostOpen) {
      const cell: OpenCell = { lane: 'fresh', fromUs: 0, toUs: 0, dueUs: 0, count: 0, latency: new HistogramSum() }
      this.#open.push(cell)
      return cell
    }
    const cell = this.#open[this.#oldest]!
    this.#oldest = (this.#oldest + 1) % mostOpen
    this.#pack(cell)
    return cell
  }

  #packAll(): void {
    for (const cell of this.#open) this.#pack(cell)
  }

  #pack(cell: OpenCell): void {
    const { lane, dueUs, count, latency } = cell
    if (count === 0) return
    if (this.#size === this.#due.length) this.#grow()
    const index = this.#size++
    this.#lane[index] = lanes.indexOf(lane)
    this.#due[index] = dueUs
    this.#count[index] = count
    this.#max[index] = latency.maxUs
    this.#begin[index] = this.#buckets.size
    let before = 0
    latency.each((bucket, times) => {
      this.#buckets.put(bucket - before, times)
      before = bucket
    })
    latency.clear()
    cell.count = 0
  }

  #unpack(index: number, sum: HistogramSum): void {
    const end = index + 1 < this.#size ? this.#begin[index + 1]! : this.#buckets.size
    let bucket = 0
    this.#buckets.each(this.#begin[index]!, end, (step, times) => sum.addTo((bucket += step), times))
    sum.reach(this.#max[index]!)
  }

  #grow(): void {
    this.#lane = grown(this.#lane)
    this.#due = grown(this.#due)
    this.#count = grown(this.#count)
    this.#max = grown(this.#max)
    this.#begin = grown(this.#begin)
  }
}
