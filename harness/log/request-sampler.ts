/**
 * Limits the size of an event log for any load. Up to a budget every request is kept as a record. Beyond it, records are kept of requests
 * that were not answered well, that only the end of their connection completed, or that took longer than all but one in a thousand of the
 * well answered ones within the budget (by the bucket's highest time). The others are counted, exactly, by 100 ms, lane and pod.
 *
 * Each batch is condensed by itself, and nothing waits in memory for a better summary: acknowledged records are on their way to the file.
 * Several summaries of the same 100 ms add up.
 */
import { toBucket, getBucketUpperBound, buildHistogram } from '../model/histogram.ts'
import type { LogRecord, RequestRecord } from '../model/record.ts'
import { aggregationSpanUs } from '../model/request-summary.ts'
import type { RequestSummary, SummaryGroup } from '../model/request-summary.ts'

export interface SamplerOptions {
  /** Number of requests that are kept as records, whatever their outcome. */
  fullRecords: number
  /** The number of drivers, which is the distance between the places of one driver in the plan. */
  drivers: number
}

/** Share of the well answered requests within the budget. */
const slowShare = 1 / 1000
/** If there were none. */
const slowWithoutUs = 1_000_000

export class RequestSampler {
  readonly #options: SamplerOptions
  #full = 0
  /** The number of well answered requests within the budget, by the bucket of their latency. */
  readonly #latencies: number[] = []
  #slowUs: number | null = null
  /** When steps of the run were taken: no summary contains requests from both before and after one. */
  readonly #cuts: number[] = []

  constructor(options: SamplerOptions) {
    this.#options = options
  }

  sample(records: Iterable<LogRecord>): LogRecord[] {
    const kept: LogRecord[] = []
    const others = new Map<string, RequestRecord[]>()
    for (const record of records) {
      if (record.type === 'step') this.#cuts.push(record.t)
      if (record.type !== 'request' || this.#isKept(record.request)) kept.push(record)
      else this.#gather(others, record.request)
    }
    for (const requests of others.values()) kept.push({ type: 'summary', summary: this.#summaryOf(requests) })
    return kept
  }

  #isKept({ outcome, detail, dueUs, settledUs }: RequestRecord): boolean {
    const latencyUs = settledUs - dueUs
    if (this.#full < this.#options.fullRecords) {
      this.#full++
      const bucket = toBucket(latencyUs)
      if (outcome === 'ok') this.#latencies[bucket] = (this.#latencies[bucket] ?? 0) + 1
      return true
    }
    this.#slowUs ??= findSlowThreshold(this.#latencies)
    return outcome !== 'ok' || detail !== null || latencyUs > this.#slowUs
  }

  #gather(others: Map<string, RequestRecord[]>, request: RequestRecord): void {
    const { fromUs } = this.#spanOf(request.dueUs)
    const key = `${request.driver} ${request.lane === 'control'} ${fromUs}`
    const known = others.get(key)
    if (known) known.push(request)
    else others.set(key, [request])
  }

  #spanOf(dueUs: number): { fromUs: number; toUs: number } {
    let fromUs = Math.floor(dueUs / aggregationSpanUs) * aggregationSpanUs
    let toUs = fromUs + aggregationSpanUs
    for (const cutUs of this.#cuts) {
      if (cutUs <= dueUs) fromUs = Math.max(fromUs, cutUs)
      else toUs = Math.min(toUs, cutUs)
    }
    return { fromUs, toUs }
  }

  #summaryOf(requests: RequestRecord[]): RequestSummary {
    const stride = this.#options.drivers
    const sorted = requests.sort((a, b) => a.seq - b.seq)
    const [first, last] = [sorted[0]!, sorted.at(-1)!]
    const seqs: RequestSummary['seqs'] = []
    for (const { seq } of sorted) {
      const run = seqs.at(-1)
      if (run && seq === run.first + run.count * stride) run.count++
      else seqs.push({ first: seq, count: 1 })
    }
    const groups = Map.groupBy(sorted, ({ lane, pod }) => `${lane} ${pod}`)
    return {
      driver: first.driver,
      ...this.#spanOf(first.dueUs),
      slowUs: this.#slowUs ?? slowWithoutUs,
      settledUs: sorted.reduce((latest, { settledUs }) => Math.max(latest, settledUs), 0),
      stride,
      seqs,
      firstDueUs: first.dueUs,
      lastDueUs: last.dueUs,
      lag: buildHistogram(sorted.map(({ sentUs, dueUs }) => (sentUs ?? dueUs) - dueUs)),
      groups: Array.from(groups.values(), aggregateGroup),
    }
  }
}

function aggregateGroup(requests: readonly RequestRecord[]): SummaryGroup {
  const { lane, pod } = requests[0]!
  const fresh = requests.filter(({ use, sentUs }) => use === 1 && sentUs !== null)
  const sent = fresh.map(({ sentUs, dueUs }) => sentUs ?? dueUs)
  const connected = fresh.map(({ connectedUs, sentUs, dueUs }) => connectedUs ?? sentUs ?? dueUs)
  return {
    lane,
    pod,
    latency: buildHistogram(requests.map(({ settledUs, dueUs }) => settledUs - dueUs)),
    fresh:
      fresh.length === 0
        ? null
        : { firstSentUs: Math.min(...sent), lastSentUs: Math.max(...sent), lastConnectedUs: Math.max(...connected) },
  }
}

/** The latency that all requests but the share of the slowest do not exceed. */
function findSlowThreshold(latencies: readonly number[]): number {
  const total = latencies.reduce((sum, count) => sum + count, 0)
  let left = Math.ceil(total * (1 - slowShare))
  let bucket = 0
  while ((left -= latencies[bucket] ?? 0) > 0) bucket++
  return total === 0 ? slowWithoutUs : getBucketUpperBound(bucket)
}
