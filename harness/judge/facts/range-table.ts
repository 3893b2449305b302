/**
 * Collects ranges of sequence numbers from summaries. Batches that settled side by side leave gaps in each other's ranges, which fit
 * together once all are there. So ranges are sorted and joined from time to time, in columns, because a million requests leave many of
 * them.
 */
import type { RequestSummary } from '../../model/request-summary.ts'
import { growColumn } from './grow-column.ts'
import { getRangeEnd, computeStepUs } from './seq-ranges.ts'
import type { SeqRange } from './seq-ranges.ts'

/** Ranges are joined only if their requests are evenly spaced to within this. */
const evennessUs = 2
/** After this number of new ranges they are joined where possible. */
const maxUnjoined = 4096

export class RangeTable {
  #rows = new RangeRows()
  /** The number of rows that are sorted and joined as far as possible. */
  #joined = 0
  #all: readonly SeqRange[] | null = null

  add({ driver, stride, seqs, firstDueUs, lastDueUs }: RequestSummary): void {
    const from = seqs[0]?.first ?? 0
    const last = seqs.at(-1) ?? { first: from, count: 1 }
    const length = last.first + (last.count - 1) * stride - from
    const interpolateDueUs = (seq: number): number =>
      length === 0 ? firstDueUs : Math.round(firstDueUs + ((seq - from) / length) * (lastDueUs - firstDueUs))
    for (const { first, count } of seqs) {
      const end = first + (count - 1) * stride
      this.#rows.append({
        driver,
        first,
        count,
        stride,
        firstDueUs: interpolateDueUs(first),
        lastDueUs: interpolateDueUs(end),
      })
    }
    this.#all = null
    if (this.#rows.size - this.#joined > maxUnjoined) this.#join()
  }

  /** By driver and number, joined as far as possible. */
  list(): readonly SeqRange[] {
    if (this.#rows.size > this.#joined) this.#join()
    this.#all ??= Array.from({ length: this.#rows.size }, (_, row) => this.#rows.at(row))
    return this.#all
  }

  #join(): void {
    const rows = this.#rows
    const loose = Array.from({ length: rows.size - this.#joined }, (_, n) => this.#joined + n)
    loose.sort((a, b) => rows.compareRows(a, b))
    const joined = new RangeRows()
    let row = 0
    for (const other of loose) {
      while (row < this.#joined && rows.compareRows(row, other) <= 0) joined.append(rows.at(row++))
      joined.append(rows.at(other))
    }
    while (row < this.#joined) joined.append(rows.at(row++))
    this.#rows = joined
    this.#joined = joined.size
  }
}

class RangeRows {
  size = 0
  #driver = new Uint32Array(64)
  #first = new Float64Array(64)
  #count = new Float64Array(64)
  #stride = new Uint32Array(64)
  #firstDue = new Float64Array(64)
  #lastDue = new Float64Array(64)

  /** Extends the last row if the range follows it. */
  append(run: SeqRange): void {
    const last = this.size - 1
    if (last >= 0 && this.#isFollowedBy(last, run)) {
      this.#count[last]! += run.count
      this.#lastDue[last] = run.lastDueUs
      return
    }
    if (this.size === this.#first.length) this.#grow()
    const row = this.size++
    this.#driver[row] = run.driver
    this.#first[row] = run.first
    this.#count[row] = run.count
    this.#stride[row] = run.stride
    this.#firstDue[row] = run.firstDueUs
    this.#lastDue[row] = run.lastDueUs
  }

  at(row: number): SeqRange {
    return {
      driver: this.#driver[row]!,
      first: this.#first[row]!,
      count: this.#count[row]!,
      stride: this.#stride[row]!,
      firstDueUs: this.#firstDue[row]!,
      lastDueUs: this.#lastDue[row]!,
    }
  }

  /** Compares by driver and number. */
  compareRows(a: number, b: number): number {
    return this.#driver[a]! - this.#driver[b]! || this.#first[a]! - this.#first[b]!
  }

  #isFollowedBy(row: number, run: SeqRange): boolean {
    const before = this.at(row)
    if (before.driver !== run.driver || before.stride !== run.stride || getRangeEnd(before) !== run.first) return false
    const step = computeStepUs(before) ?? computeStepUs(run)
    return step === null || Math.abs(run.firstDueUs - before.lastDueUs - step) <= evennessUs
  }

  #grow(): void {
    this.#driver = growColumn(this.#driver)
    this.#first = growColumn(this.#first)
    this.#count = growColumn(this.#count)
    this.#stride = growColumn(this.#stride)
    this.#firstDue = growColumn(this.#firstDue)
    this.#lastDue = growColumn(this.#lastDue)
  }
}
