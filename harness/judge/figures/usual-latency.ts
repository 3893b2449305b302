/** How long an answer takes while nothing is disrupted, and from when on one counts as late. */
import type { PhaseSpan } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { computeSelectedLatency } from '../facts/lane-results.ts'

/** p99 of the latency of `ok` requests that were due before the disruption; 0 where there were none. */
export function computeUsualLatencyUs({ requests }: Pick<Evidence, 'requests'>, phases: readonly PhaseSpan[]): number {
  const before = phases.find(({ phase }) => phase === 'before')
  return before === undefined ? 0 : (computeSelectedLatency(requests, { span: before }).p99Us ?? 0)
}

/**
 * Half of what a client waits before it sends a SYN again: nothing that a healthy server does takes as long, and a client that had to ask for
 * a connection twice waited longer.
 */
const patienceUs = 500_000
/** So that the figure is the same whether the quantile is exact or, of a log that only counts, up to 0.8 % too high. */
const stepUs = 100_000

/** A request that is answered later than this after it was due has waited. What the log only counts has not. */
export function computeOverdueUs(usualUs: number, { requests }: Pick<Evidence, 'requests'>): number {
  return Math.max(Math.ceil((usualUs + patienceUs) / stepUs) * stepUs, requests.aggregated.slowUs)
}
