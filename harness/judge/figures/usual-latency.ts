/** How long an answer takes without disruption, and from when on one counts as late. */
import type { PhaseSpan } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { computeSelectedLatency } from '../facts/lane-results.ts'

/** p99 of the latency of `ok` requests that were due before the disruption; 0 without any. */
export function computeUsualLatencyUs({ requests }: Pick<Evidence, 'requests'>, phases: readonly PhaseSpan[]): number {
  const before = phases.find(({ phase }) => phase === 'before')
  return before === undefined ? 0 : (computeSelectedLatency(requests, { span: before }).p99Us ?? 0)
}

/**
 * Half of the time after which a client retransmits a SYN: no healthy server takes as long, and a client that needed a second SYN waited
 * longer.
 */
const patienceUs = 500_000
/** Rounding makes the figure the same for an exact quantile and for one of a histogram, which is up to 0.8 % too high. */
const stepUs = 100_000

/** A request answered later than this after it was due has waited. Requests that are only counted have not. */
export function computeOverdueUs(usualUs: number, { requests }: Pick<Evidence, 'requests'>): number {
  return Math.max(Math.ceil((usualUs + patienceUs) / stepUs) * stepUs, requests.aggregated.slowUs)
}
