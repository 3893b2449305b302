/** What each lane got: counts, and latency over the whole run and in each phase. */
import { lanes, workloadLanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import type { LaneResult, Phase, PhaseSpan, Quantiles } from '../../model/result.ts'
import type { Cell } from './latency-cells.ts'
import type { Evidence } from './evidence.ts'
import { gathered, quantilesOf } from '../figures/quantiles.ts'
import type { RequestTable } from './request-table.ts'

const phases: readonly Phase[] = ['before', 'during', 'after']

/** The workload's lanes, and `control` where it had requests. */
export function laneResults({ requests, control }: Evidence, spans: readonly PhaseSpan[]): LaneResult[] {
  const results = workloadLanes.map((lane) => laneResult(lane, requests, spans))
  return control.total === 0 ? results : [...results, laneResult('control', control, spans)]
}

function laneResult(lane: Lane, requests: RequestTable, spans: readonly PhaseSpan[]): LaneResult {
  const number = lanes.indexOf(lane)
  const { cells } = requests.summarised
  const latencyOf = (keep: (index: number) => boolean, counted: (cell: Cell) => boolean): Quantiles =>
    quantilesOf(
      gathered(requests, keep, (index) => requests.latencyUs(index)),
      cells.latency((cell) => cell.lane === lane && counted(cell)),
    )
  const isOk = (index: number): boolean => requests.lane(index) === number && requests.isOk(index)
  const inPhase = (phase: Phase): Quantiles => {
    const span = spans.find((one) => one.phase === phase)
    const inSpan = (dueUs: number): boolean => span !== undefined && isWithin(span, dueUs)
    return latencyOf(
      (index) => isOk(index) && inSpan(requests.dueUs(index)),
      ({ dueUs }) => inSpan(dueUs),
    )
  }
  const latency = latencyOf(isOk, () => true)
  let sent = 0
  for (const cell of cells) if (cell.lane === lane) sent += cell.count
  for (let index = 0; index < requests.size; index++) {
    if (requests.lane(index) === number && requests.wasSent(index)) sent++
  }
  const byPhase = Object.fromEntries(phases.map((phase) => [phase, inPhase(phase)])) as Record<Phase, Quantiles>
  return { lane, sent, ok: latency.count, lost: sent - latency.count, latency, byPhase }
}

/** Latency of every `ok` request. */
export function latencyOfAll({ requests }: Evidence): Quantiles {
  return quantilesOf(
    gathered(
      requests,
      (index) => requests.isOk(index),
      (index) => requests.latencyUs(index),
    ),
    requests.summarised.cells.latency(() => true),
  )
}

/** How late the driver was: sent minus due, of every request that was sent. */
export function sendLagOf({ requests }: Evidence): Quantiles {
  return quantilesOf(
    gathered(
      requests,
      (index) => requests.wasSent(index),
      (index) => requests.lagUs(index),
    ),
    requests.summarised.lag.sum(),
  )
}

function isWithin({ fromUs, toUs }: PhaseSpan, dueUs: number): boolean {
  return fromUs <= dueUs && dueUs < toUs
}
