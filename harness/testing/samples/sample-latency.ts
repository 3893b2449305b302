import { listCurveShares } from '../../model/figures/latency.ts'
import type { Analysis } from '../../model/result.ts'

/** Latency grows towards 100 %, and is higher during the disruption. */
export function buildLatencyCurves(
  phases: Analysis['phases'],
  ok: number,
  random: () => number,
): Analysis['latencyCurves'] {
  return phases.map(({ phase, fromUs, toUs }) => {
    const count = Math.round(((toUs - fromUs) / 25e6) * ok)
    const slowUs = phase === 'during' ? 25_000 : 9_000 + Math.round(random() * 2_000)
    const us = listCurveShares(count).map(
      (share) => 100_500 + Math.round(slowUs * Math.log10(1 / (1 - share + 1 / count))),
    )
    return { phase, count, us }
  })
}
