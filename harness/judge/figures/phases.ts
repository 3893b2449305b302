/** The phases of a run and which of them an instant belongs to. */
import type { Phase, PhaseSpan } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { findStepUs } from '../facts/evidence.ts'

/**
 * Half-open and without a gap. With steps at load-begin 2, disrupt-begin 6, old-pods-gone 15 and load-end 20: before [2, 6), during [6,
 * 15), after [15, 20). A phase that never began is left out; one that never ended lasts to the end of the log. A driver may begin before
 * the harness knows: then `before` begins with its first request.
 */
export function findPhases(evidence: Evidence): PhaseSpan[] {
  const beginUs = pickEarliest(findStepUs(evidence, 'load-begin'), findFirstDueUs(evidence))
  if (beginUs === null) return []
  const disruptUs = findStepUs(evidence, 'disrupt-begin')
  const goneUs = findStepUs(evidence, 'old-pods-gone')
  const endUs = findStepUs(evidence, 'load-end') ?? evidence.lastUs + 1
  const spans: PhaseSpan[] = [{ phase: 'before', fromUs: beginUs, toUs: disruptUs ?? endUs }]
  if (disruptUs !== null) spans.push({ phase: 'during', fromUs: disruptUs, toUs: goneUs ?? endUs })
  if (disruptUs !== null && goneUs !== null) spans.push({ phase: 'after', fromUs: goneUs, toUs: endUs })
  return spans.filter(({ fromUs, toUs }) => fromUs < toUs)
}

export function findPhaseAt(spans: readonly PhaseSpan[], atUs: number): Phase | null {
  return spans.find(({ fromUs, toUs }) => fromUs <= atUs && atUs < toUs)?.phase ?? null
}

function findFirstDueUs({ requests }: Evidence): number | null {
  let first: number | null = requests.aggregated.size === 0 ? null : requests.aggregated.firstDueUs
  for (let index = 0; index < requests.size; index++) first = pickEarliest(first, requests.dueUs(index))
  return first
}

function pickEarliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

/** When the load was told to stop; the end of the log if it never was. */
export function findLoadStopUs(evidence: Evidence): number {
  return findStepUs(evidence, 'load-stop', 'load-end') ?? evidence.lastUs
}
