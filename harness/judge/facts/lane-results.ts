/** What each lane got: counts, latency over the whole run and in each phase, and how much was planned in a span. */
import { lanes, workloadLanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import type { LaneResult, Phase, PhaseSpan, Quantiles } from '../../model/result.ts'
import type { Cell } from './latency-cells.ts'
import type { Evidence } from './evidence.ts'
import { collectValues, computeQuantiles } from '../figures/quantiles.ts'
import type { Span } from '../pods/presence.ts'
import type { RequestTable } from './request-table.ts'

const phases: readonly Phase[] = ['before', 'during', 'after']

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

/** Latency of every `ok` request. */
export function computeLatencyOfAll(evidence: Evidence): Quantiles {
  return computeLatencyWithin(evidence, { fromUs: -Infinity, toUs: Infinity })
}

/** Of those that were due in the phase. */
export function computePhaseLatencyOfAll(evidence: Evidence, spans: readonly PhaseSpan[], phase: Phase): Quantiles {
  const span = spans.find((one) => one.phase === phase)
  return computeLatencyWithin(evidence, span ?? { fromUs: 0, toUs: 0 })
}

function computeLatencyWithin({ requests }: Evidence, span: Pick<PhaseSpan, 'fromUs' | 'toUs'>): Quantiles {
  return computeQuantiles(
    collectValues(
      requests,
      (index) => requests.isOk(index) && isWithin(span, requests.dueUs(index)),
      (index) => requests.latencyUs(index),
    ),
    requests.aggregated.cells.mergeLatency(({ dueUs }) => isWithin(span, dueUs)),
  )
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
