/** What each lane got: counts, and latency over the whole run and in each phase. */
import { lanes } from '../model/plan.ts'
import type { LaneResult, Phase, PhaseSpan, Quantiles } from '../model/result.ts'
import type { Evidence } from './evidence.ts'
import { gathered, quantilesOf } from './quantiles.ts'

const phases: readonly Phase[] = ['before', 'during', 'after']

export function laneResults({ requests }: Evidence, spans: readonly PhaseSpan[]): LaneResult[] {
  const latencyOf = (keep: (index: number) => boolean): Quantiles =>
    quantilesOf(gathered(requests, keep, (index) => requests.latencyUs(index)))
  return lanes.map((lane, number): LaneResult => {
    const isOk = (index: number): boolean => requests.lane(index) === number && requests.isOk(index)
    const inPhase = (phase: Phase): Quantiles => {
      const span = spans.find((one) => one.phase === phase)
      return latencyOf((index) => isOk(index) && span !== undefined && isWithin(span, requests.dueUs(index)))
    }
    const latency = latencyOf(isOk)
    let sent = 0
    for (let index = 0; index < requests.size; index++) {
      if (requests.lane(index) === number && requests.wasSent(index)) sent++
    }
    const byPhase = Object.fromEntries(phases.map((phase) => [phase, inPhase(phase)])) as Record<Phase, Quantiles>
    return { lane, sent, ok: latency.count, lost: sent - latency.count, latency, byPhase }
  })
}

/** Latency of every `ok` request. */
export function latencyOfAll({ requests }: Evidence): Quantiles {
  return quantilesOf(
    gathered(
      requests,
      (index) => requests.isOk(index),
      (index) => requests.latencyUs(index),
    ),
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
  )
}

function isWithin({ fromUs, toUs }: PhaseSpan, dueUs: number): boolean {
  return fromUs <= dueUs && dueUs < toUs
}
