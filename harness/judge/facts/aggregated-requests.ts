/** Requests that the log only counts. All of them were answered well. */
import { HistogramAccumulator, histogramPrecision, countSamples } from '../../model/histogram.ts'
import type { RequestSummary } from '../../model/request-summary.ts'
import type { Analysis } from '../../model/result.ts'
import { Cells } from './latency-cells.ts'
import { RangeTable } from './range-table.ts'
import { countDue, findFirstDueFrom } from './seq-ranges.ts'
import type { SeqRange } from './seq-ranges.ts'

/** The figures about them in the analysis; `null` where the log has every request. */
export function countAggregated(workload: AggregatedRequests, control: AggregatedRequests): Analysis['aggregated'] {
  const count = workload.size + control.size
  if (count === 0) return null
  const slowUs = Math.max(workload.slowUs, control.slowUs)
  return { requests: count, slowUs, precision: histogramPrecision }
}

export class AggregatedRequests {
  size = 0
  /** Slower ones are kept as single records; 0 when none is aggregated. */
  slowUs = 0
  firstDueUs: number = Infinity
  lastDueUs: number = -Infinity
  readonly lag: HistogramAccumulator = new HistogramAccumulator()
  /** Latencies by due time and lane. */
  readonly cells: Cells = new Cells()
  readonly #runs = new RangeTable()

  add(summary: RequestSummary): void {
    const { slowUs, firstDueUs, lastDueUs, lag, groups } = summary
    this.size += countSamples(lag)
    this.slowUs = Math.max(this.slowUs, slowUs)
    this.firstDueUs = Math.min(this.firstDueUs, firstDueUs)
    this.lastDueUs = Math.max(this.lastDueUs, lastDueUs)
    this.lag.add(lag)
    this.#runs.add(summary)
    for (const group of groups) this.cells.add(summary, group)
  }

  /** By driver and number. */
  listRanges(): readonly SeqRange[] {
    return this.#runs.list()
  }

  /** How many were due in `[fromUs, toUs)`. */
  countDue(fromUs: number, toUs: number): number {
    return this.listRanges().reduce((sum, run) => sum + countDue(run, fromUs, toUs), 0)
  }

  /** Returns a function that gives the due time of the first one at or after an instant; Infinity without one. */
  createNextDueLookup(): (us: number) => number {
    const drivers = [...Map.groupBy(this.listRanges(), ({ driver }) => driver).values()]
    return (us) => drivers.reduce((next, runs) => Math.min(next, findFirstDueFrom(runs, us)), Infinity)
  }
}
