/** The phases of a run and which of them an instant belongs to. */
import type { Phase, PhaseSpan } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { stepUs } from '../facts/evidence.ts'

/**
 * Half-open and without a gap. With steps at load-begin 2, disrupt-begin 6, old-pods-gone 15 and load-end 20:
 * before [2, 6), during [6, 15), after [15, 20). A phase that never began is left out; one that never ended lasts to the
 * end of the log. A driver may begin before the harness has heard so: then `before` begins with its first request.
 */
export function phasesOf(evidence: Evidence): PhaseSpan[] {
  const beginUs = earliest(stepUs(evidence, 'load-begin'), firstDueUs(evidence))
  if (beginUs === null) return []
  const disruptUs = stepUs(evidence, 'disrupt-begin')
  const goneUs = stepUs(evidence, 'old-pods-gone')
  const endUs = stepUs(evidence, 'load-end') ?? evidence.lastUs + 1
  const spans: PhaseSpan[] = [{ phase: 'before', fromUs: beginUs, toUs: disruptUs ?? endUs }]
  if (disruptUs !== null) spans.push({ phase: 'during', fromUs: disruptUs, toUs: goneUs ?? endUs })
  if (disruptUs !== null && goneUs !== null) spans.push({ phase: 'after', fromUs: goneUs, toUs: endUs })
  return spans.filter(({ fromUs, toUs }) => fromUs < toUs)
}

export function phaseAt(spans: readonly PhaseSpan[], atUs: number): Phase | null {
  return spans.find(({ fromUs, toUs }) => fromUs <= atUs && atUs < toUs)?.phase ?? null
}

function firstDueUs({ requests }: Evidence): number | null {
  let first: number | null = requests.summarised.size === 0 ? null : requests.summarised.firstDueUs
  for (let index = 0; index < requests.size; index++) first = earliest(first, requests.dueUs(index))
  return first
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

/** When the load was told to stop; the end of the log where it never was. */
export function phaseEndUs(evidence: Evidence): number {
  return stepUs(evidence, 'load-stop', 'load-end') ?? evidence.lastUs
}
