/** Gaps of a run in which no request was sent. */
import { findFirstAtOrAfter } from '../figures/sorted.ts'
import type { LoadPlan } from '../../model/plan.ts'
import type { Span } from '../pods/presence.ts'
import { collectValues } from '../figures/quantiles.ts'
import type { RequestTable } from './request-table.ts'

export interface SendGap {
  fromUs: number
  us: number
}

/**
 * When requests of the workload's lanes were sent; for a closed loop, where a stalled server delays sending, when any was in flight.
 * Requests that are only counted were sent when they were due: later ones would have been slow, and kept as records.
 */
export class SendCoverage {
  /** Ascending. */
  readonly #sendings: Float64Array
  /** Sorted by their beginnings. */
  readonly #spans: Span[]

  constructor(requests: RequestTable, load: LoadPlan) {
    const counted = requests.aggregated
      .listRanges()
      .map(({ firstDueUs, lastDueUs }) => ({ fromUs: firstDueUs, toUs: lastDueUs }))
    this.#sendings = collectValues(
      requests,
      (index) => requests.wasSent(index),
      (index) => requests.sentUs(index),
    ).sort()
    this.#spans = [...counted, ...(load.closedLoop ? listInFlightSpans(requests) : [])].sort(
      (a, b) => a.fromUs - b.fromUs,
    )
  }

  /** The longest gap within a span; the whole span if nothing was sent in it. */
  findLongestGap(span: Span): SendGap {
    let longest: SendGap = { fromUs: span.fromUs, us: 0 }
    let reachedUs = span.fromUs
    for (const { fromUs, toUs } of this.#iterateWithin(span)) {
      if (fromUs - reachedUs > longest.us) longest = { fromUs: reachedUs, us: fromUs - reachedUs }
      reachedUs = Math.max(reachedUs, toUs)
    }
    return span.toUs - reachedUs > longest.us ? { fromUs: reachedUs, us: span.toUs - reachedUs } : longest
  }

  /** The sendings and spans within a span, by their beginnings. */
  *#iterateWithin(span: Span): Generator<Span> {
    const [sendings, spans] = [this.#sendings, this.#spans]
    let [next, place] = [findFirstAtOrAfter(sendings, span.fromUs), 0]
    for (;;) {
      const sentUs = sendings[next] ?? Infinity
      const other = spans[place]
      if (Math.min(sentUs, other?.fromUs ?? Infinity) >= span.toUs) return
      if (other !== undefined && other.fromUs <= sentUs) {
        place++
        if (other.toUs > span.fromUs) yield other
      } else {
        next++
        yield { fromUs: sentUs, toUs: sentUs }
      }
    }
  }
}

function listInFlightSpans(requests: RequestTable): Span[] {
  const spans: Span[] = []
  for (let index = 0; index < requests.size; index++) {
    if (requests.wasSent(index)) spans.push({ fromUs: requests.sentUs(index), toUs: requests.settledUs(index) })
  }
  return spans
}
