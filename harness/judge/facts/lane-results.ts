/** The results of each lane: counts, latency over the whole run and in each phase, and requests planned in a span. */
import { lanes, phases, workloadLanes } from '../../model/load/lanes.ts'
import type { Lane } from '../../model/load/lanes.ts'
import type { Histogram } from '../../model/histogram.ts'
import type { LaneResult, Phase, PhaseSpan, Quantiles } from '../../model/result.ts'
import type { Evidence } from './evidence.ts'
import { collectValues, computeQuantiles } from '../figures/quantiles.ts'
import type { Span } from '../pods/presence.ts'
import type { RequestTable } from './request-table.ts'

/** The workload's lanes, and `control` where it had requests. */
export function computeLaneResults({ requests, control }: Evidence, spans: readonly PhaseSpan[]): LaneResult[] {
  const results = workloadLanes.map((lane) => computeLaneResult(lane, requests, spans))
  return control.total === 0 ? results : [...results, computeLaneResult('control', control, spans)]
}

function computeLaneResult(lane: Lane, requests: RequestTable, spans: readonly PhaseSpan[]): LaneResult {
  const latency = computeSelectedLatency(requests, { lane })
  const sent = countSent(requests, { lane })
  const byPhase = Object.fromEntries(
    phases.map((phase) => {
      const span = spans.find((one) => one.phase === phase) ?? never
      return [phase, computeSelectedLatency(requests, { lane, span })]
    }),
  ) as Record<Phase, Quantiles>
  return { lane, sent, ok: latency.count, lost: sent - latency.count, latency, byPhase }
}

const never: Span = { fromUs: 0, toUs: 0 }

/** Number of requests of each lane, `control` too, planned in a span of due times, sent or not. Half-open, like the span. */
export function countByLane({ requests, control }: Evidence, { fromUs, toUs }: Span): Record<Lane, number> {
  const counts = new Float64Array(lanes.length)
  for (const table of [requests, control]) {
    for (let index = 0; index < table.size; index++) {
      const dueUs = table.dueUs(index)
      if (fromUs <= dueUs && dueUs < toUs) counts[table.lane(index)]! += 1
    }
    for (const { lane, dueUs, count } of table.aggregated.cells) {
      if (fromUs <= dueUs && dueUs < toUs) counts[lanes.indexOf(lane)]! += count
    }
  }
  return Object.fromEntries(lanes.map((lane, place) => [lane, counts[place] ?? 0])) as Record<Lane, number>
}

/** Selects requests of one lane, or due in one span; without either all of them. */
export interface RequestSelection {
  lane?: Lane
  span?: Span
}

/** Latencies of `ok` requests: kept records, and requests that are only counted. */
export function collectLatencies(
  requests: RequestTable,
  selection: RequestSelection,
): { samples: Float64Array; counted: Histogram } {
  const isSelected = createSelector(selection)
  return {
    samples: collectValues(
      requests,
      (index) => requests.isOk(index) && isSelected(requests.lane(index), requests.dueUs(index)),
      (index) => requests.latencyUs(index),
    ),
    counted: requests.aggregated.cells.mergeLatency(({ lane, dueUs }) => isSelected(lanes.indexOf(lane), dueUs)),
  }
}

/** Latency of `ok` requests. */
export function computeSelectedLatency(requests: RequestTable, selection: RequestSelection): Quantiles {
  const { samples, counted } = collectLatencies(requests, selection)
  return computeQuantiles(samples, counted)
}

/** How many of them were sent. */
export function countSent(requests: RequestTable, selection: RequestSelection): number {
  const isSelected = createSelector(selection)
  let sent = 0
  for (const { lane, dueUs, count } of requests.aggregated.cells) {
    if (isSelected(lanes.indexOf(lane), dueUs)) sent += count
  }
  for (let index = 0; index < requests.size; index++) {
    if (requests.wasSent(index) && isSelected(requests.lane(index), requests.dueUs(index))) sent++
  }
  return sent
}

/** By the number of the lane. */
function createSelector({ lane, span }: RequestSelection): (number: number, dueUs: number) => boolean {
  const wanted = lane === undefined ? null : lanes.indexOf(lane)
  const { fromUs, toUs } = span ?? { fromUs: -Infinity, toUs: Infinity }
  return (number, dueUs) => (wanted === null || number === wanted) && fromUs <= dueUs && dueUs < toUs
}

/** How late the driver was: sent minus due, of every sent request. */
export function computeSendLag({ requests }: Evidence): Quantiles {
  return computeQuantiles(
    collectValues(
      requests,
      (index) => requests.wasSent(index),
      (index) => requests.lagUs(index),
    ),
    requests.aggregated.lag.toHistogram(),
  )
}
