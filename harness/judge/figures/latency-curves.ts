/** How long answers took, percentile by percentile, before, during and after the disruption. */
import { listCurveShares } from '../../model/figures/latency.ts'
import type { LatencyCurve } from '../../model/figures/latency.ts'
import type { PhaseSpan } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { collectValues, findQuantiles } from './quantiles.ts'

/** Of `ok` requests by the phase in which they were due; a phase without any has no curve. */
export function computeLatencyCurves({ requests }: Evidence, phases: readonly PhaseSpan[]): LatencyCurve[] {
  return phases.flatMap(({ phase, fromUs, toUs }) => {
    const isDue = (dueUs: number): boolean => fromUs <= dueUs && dueUs < toUs
    const latencies = collectValues(
      requests,
      (index) => requests.isOk(index) && isDue(requests.dueUs(index)),
      (index) => requests.latencyUs(index),
    )
    const counted = requests.aggregated.cells.mergeLatency(({ dueUs }) => isDue(dueUs))
    const { count, us } = findQuantiles(latencies, counted, listCurveShares)
    return count === 0 ? [] : [{ phase, count, us }]
  })
}
