/** How long answers took, percentile by percentile, before, during and after the disruption. */
import { listCurveShares } from '../../model/figures/latency.ts'
import type { LatencyCurve } from '../../model/figures/latency.ts'
import type { PhaseSpan } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { collectLatencies } from '../facts/lane-results.ts'
import { findQuantiles } from './quantiles.ts'

/** For `ok` requests by the phase in which they were due; a phase without any has no curve. */
export function computeLatencyCurves({ requests }: Evidence, phases: readonly PhaseSpan[]): LatencyCurve[] {
  return phases.flatMap(({ phase, fromUs, toUs }) => {
    const { samples, counted } = collectLatencies(requests, { span: { fromUs, toUs } })
    const { count, us } = findQuantiles(samples, counted, listCurveShares)
    return count === 0 ? [] : [{ phase, count, us }]
  })
}
