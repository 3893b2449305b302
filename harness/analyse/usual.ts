/** How long an answer takes while nothing is disrupted, and from when on one counts as late. */
import type { PhaseSpan } from '../model/result.ts'
import type { Evidence } from './evidence.ts'
import { gathered, quantilesOf } from './quantiles.ts'

/** p99 of the latency of `ok` requests that were due before the disruption; 0 where there were none. */
export function usualLatencyUs({ requests }: Pick<Evidence, 'requests'>, phases: readonly PhaseSpan[]): number {
  const before = phases.find(({ phase }) => phase === 'before')
  if (before === undefined) return 0
  const isBefore = (dueUs: number): boolean => before.fromUs <= dueUs && dueUs < before.toUs
  const samples = gathered(
    requests,
    (index) => requests.isOk(index) && isBefore(requests.dueUs(index)),
    (index) => requests.latencyUs(index),
  )
  const counted = requests.summarised.cells.latency(({ dueUs }) => isBefore(dueUs))
  return quantilesOf(samples, counted).p99Us ?? 0
}
