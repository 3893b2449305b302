/** What each lane got: counts, latency over the whole run and in each phase, and how much was planned in a span. */
import { lanes, phases, workloadLanes } from '../../model/load/lanes.ts'
import type { Lane } from '../../model/load/lanes.ts'
import type { LaneResult, Phase, PhaseSpan, Quantiles } from '../../model/result.ts'
import type { Cell } from './latency-cells.ts'
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
  const number = lanes.indexOf(lane)
  const { cells } = requests.aggregated
  const computeLatency = (keep: (index: number) => boolean, counted: (cell: Cell) => boolean): Quantiles =>
    computeQuantiles(
      collectValues(requests, keep, (index) => requests.latencyUs(index)),
      cells.mergeLatency((cell) => cell.lane === lane && counted(cell)),
    )
  const isOk = (index: number): boolean => requests.lane(index) === number && requests.isOk(index)
  const computePhaseLatency = (phase: Phase): Quantiles => {
    const span = spans.find((one) => one.phase === phase)
    const isInSpan = (dueUs: number): boolean => span !== undefined && isWithin(span, dueUs)
    return computeLatency(
      (index) => isOk(index) && isInSpan(requests.dueUs(index)),
      ({ dueUs }) => isInSpan(dueUs),
    )
  }
  const latency = computeLatency(isOk, () => true)
  let sent = 0
  for (const cell of cells) if (cell.lane === lane) sent += cell.count
  for (let index = 0; index < requests.size; index++) {
    if (requests.lane(index) === number && requests.wasSent(index)) sent++
  }
  const byPhase = Object.fromEntries(phases.map((phase) => [phase, computePhaseLatency(phase)])) as Record<
    Phase,
    Quantiles
  >
  return { lane, sent, ok: latency.count, lost: sent - latency.count, latency, byPhase }
}

/** How many requests of each lane, `control` too, were planned in a span of due times, whether they were sent or not. Half-open, like the span. */
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

/** Some of the workload's requests: of one lane, or due in one span; without either all of them. */
export interface RequestSelection {
  lane?: Lane
  span?: Pick<PhaseSpan, 'fromUs' | 'toUs'>
}

/** Latency of `ok` requests. */
export function computeSelectedLatency({ requests }: Evidence, selection: RequestSelection): Quantiles {
  const isSelected = createSelector(selection)
  return computeQuantiles(
    collectValues(
      requests,
      (index) => requests.isOk(index) && isSelected(lanes[requests.lane(index)]!, requests.dueUs(index)),
      (index) => requests.latencyUs(index),
    ),
    requests.aggregated.cells.mergeLatency(({ lane, dueUs }) => isSelected(lane, dueUs)),
  )
}

/** How many of them were sent. */
export function countSent({ requests }: Evidence, selection: RequestSelection): number {
  const isSelected = createSelector(selection)
  let sent = 0
  for (const { lane, dueUs, count } of requests.aggregated.cells) if (isSelected(lane, dueUs)) sent += count
  for (let index = 0; index < requests.size; index++) {
    if (requests.wasSent(index) && isSelected(lanes[requests.lane(index)]!, requests.dueUs(index))) sent++
  }
  return sent
}

function createSelector({ lane, span }: RequestSelection): (of: Lane, dueUs: number) => boolean {
  return (of, dueUs) => (lane === undefined || of === lane) && (span === undefined || isWithin(span, dueUs))
}

/** How late the driver was: sent minus due, of every request that was sent. */
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

function isWithin({ fromUs, toUs }: Pick<PhaseSpan, 'fromUs' | 'toUs'>, dueUs: number): boolean {
  return fromUs <= dueUs && dueUs < toUs
}
