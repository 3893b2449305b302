/**
 * Latencies by span of time and lane. The non-empty buckets of each histogram are packed in two or three bytes each, as the step from the
 * previous bucket and the count: few numbers for each span, however many requests.
 */
import { HistogramAccumulator, countSamples } from '../../model/histogram.ts'
import type { Histogram } from '../../model/histogram.ts'
import { lanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import type { RequestSummary, SummaryGroup } from '../../model/request-summary.ts'
import { growColumn } from './grow-column.ts'
import { PackedPairs } from './packed-pairs.ts'

/** The requests of one lane that were due in one span, all in the same phase of the run. */
export interface Cell {
  lane: Lane
  /** When one of the requests was due. */
  dueUs: number
  count: number
}

type SummarySpan = Pick<RequestSummary, 'fromUs' | 'toUs' | 'firstDueUs'>

interface OpenCell extends Cell {
  fromUs: number
  toUs: number
  mergeLatency: HistogramAccumulator
}

/** The maximum number of cells that are not packed yet: batches of several drivers contain the same span, a little apart. */
const maxOpenCells = 64

export class Cells {
  /** A ring in which the oldest cell is reused next, because a new object for each cell would cost as much as the requests. */
  readonly #open: OpenCell[] = []
  #oldest = 0
  #size = 0
  #lane = new Uint8Array(256)
  #due = new Float64Array(256)
  #count = new Float64Array(256)
  #max = new Float64Array(256)
  /** Where the buckets of each cell begin. */
  #begin = new Float64Array(256)
  readonly #buckets = new PackedPairs()

  /** The size of all packed histograms. */
  get packedBytes(): number {
    this.#packAll()
    return this.#buckets.size
  }

  /** Adds to the cell of this lane and of the span `[fromUs, toUs)`. */
  add({ fromUs, toUs, firstDueUs }: SummarySpan, { lane, latency }: Pick<SummaryGroup, 'lane' | 'latency'>): void {
    const isSameCell = (cell: OpenCell): boolean => cell.fromUs === fromUs && cell.lane === lane && cell.toUs === toUs
    const cell = this.#open.find(isSameCell) ?? this.#openCell()
    if (cell.count === 0) Object.assign(cell, { lane, fromUs, toUs, dueUs: firstDueUs })
    cell.count += countSamples(latency)
    cell.mergeLatency.add(latency)
  }

  *[Symbol.iterator](): Generator<Cell> {
    this.#packAll()
    for (let index = 0; index < this.#size; index++) yield this.#readCell(index)
  }

  /** The merged latencies of all cells that `keep` accepts. */
  mergeLatency(keep: (cell: Cell) => boolean): Histogram {
    return this.mergeLatencies(1, (cell) => (keep(cell) ? 0 : -1))[0]!
  }

  /** The merged latencies by place: `placeOf` gives the place of a cell, and cells outside `places` are left out. */
  mergeLatencies(places: number, placeOf: (cell: Cell) => number): Histogram[] {
    this.#packAll()
    const sums = new Map<number, HistogramAccumulator>()
    for (let index = 0; index < this.#size; index++) {
      const place = placeOf(this.#readCell(index))
      if (place < 0 || place >= places) continue
      const sum = sums.get(place) ?? new HistogramAccumulator()
      sums.set(place, sum)
      this.#unpack(index, sum)
    }
    return Array.from({ length: places }, (_, place) => sums.get(place)?.toHistogram() ?? { counts: [], maxUs: 0 })
  }

  #readCell(index: number): Cell {
    return { lane: lanes[this.#lane[index]!]!, dueUs: this.#due[index]!, count: this.#count[index]! }
  }

  /** Returns an empty cell in place of the oldest one. */
  #openCell(): OpenCell {
    if (this.#open.length < maxOpenCells) {
      const cell: OpenCell = {
        lane: 'fresh',
        fromUs: 0,
        toUs: 0,
        dueUs: 0,
        count: 0,
        mergeLatency: new HistogramAccumulator(),
      }
      this.#open.push(cell)
      return cell
    }
    const cell = this.#open[this.#oldest]!
    this.#oldest = (this.#oldest + 1) % maxOpenCells
    this.#pack(cell)
    return cell
  }

  #packAll(): void {
    for (const cell of this.#open) this.#pack(cell)
  }

  #pack(cell: OpenCell): void {
    const { lane, dueUs, count, mergeLatency } = cell
    if (count === 0) return
    if (this.#size === this.#due.length) this.#grow()
    const index = this.#size++
    this.#lane[index] = lanes.indexOf(lane)
    this.#due[index] = dueUs
    this.#count[index] = count
    this.#max[index] = mergeLatency.maxUs
    this.#begin[index] = this.#buckets.size
    let before = 0
    mergeLatency.forEachBucket((bucket, times) => {
      this.#buckets.append(bucket - before, times)
      before = bucket
    })
    mergeLatency.clear()
    cell.count = 0
  }

  #unpack(index: number, sum: HistogramAccumulator): void {
    const end = index + 1 < this.#size ? this.#begin[index + 1]! : this.#buckets.size
    let bucket = 0
    this.#buckets.forEach(this.#begin[index]!, end, (step, times) => sum.addCount((bucket += step), times))
    sum.raiseMax(this.#max[index]!)
  }

  #grow(): void {
    this.#lane = growColumn(this.#lane)
    this.#due = growColumn(this.#due)
    this.#count = growColumn(this.#count)
    this.#max = growColumn(this.#max)
    this.#begin = growColumn(this.#begin)
  }
}
