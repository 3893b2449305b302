/** The requests, losses and latencies of each lane of a sample run. */
import { workloadLanes } from '../../model/plan.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { Analysis, LaneResult, Ledger, Loss, Phase, Quantiles } from '../../model/result.ts'

export function buildLanes(
  plan: RunPlan,
  given: { ledger: Ledger; losses: Loss[]; phases: Analysis['phases']; random: () => number },
): LaneResult[] {
  const { ledger, losses, phases, random } = given
  return workloadLanes.map((lane) => {
    const sent = Math.round(ledger.sent * plan.scenario.load.shares[lane])
    const lost = losses.filter(({ request }) => request.lane === lane).length
    const byPhase = Object.fromEntries(
      phases.map(({ phase, fromUs, toUs }) => [
        phase,
        buildQuantiles(Math.round(((toUs - fromUs) / 25e6) * sent), random),
      ]),
    ) as Record<Phase, Quantiles>
    return { lane, sent, ok: sent - lost, lost, latency: buildQuantiles(sent - lost, random), byPhase }
  })
}

export function buildQuantiles(count: number, random: () => number): Quantiles {
  if (count === 0) return { count, p50Us: null, p90Us: null, p99Us: null, p999Us: null, maxUs: null }
  const p50Us = 101_800 + Math.round(random() * 600)
  const addSpread = (least: number, spread: number) => p50Us + least + Math.round(random() * spread)
  return {
    count,
    p50Us,
    p90Us: addSpread(1_900, 900),
    p99Us: addSpread(9_000, 4_000),
    p999Us: addSpread(38_000, 9_000),
    maxUs: addSpread(80_000, 60_000),
  }
}
