/** Chooses requests and spans for damage. */
import type { RequestRecord } from '../../model/record.ts'
import { getDisruptionSpan, isIn, pickOne, listRequests, findStepUs } from './mutation.ts'
import type { RunLog, Random, Span } from './mutation.ts'

/** A request in the first half of the load, so that others follow. */
export function pickEarlyRequest(log: RunLog, random: Random): RequestRecord | null {
  const span = { fromUs: findStepUs(log, 'load-begin'), toUs: findStepUs(log, 'old-pods-gone') }
  return pickOne(
    listRequests(log).filter(({ dueUs, lane }) => isIn(span, dueUs) && lane !== 'control'),
    random,
  )
}

/** A span of the disruption. */
export function pickSpan(log: RunLog, us: number, random: Random): Span | null {
  const { fromUs, toUs } = getDisruptionSpan(log)
  const spare = toUs - fromUs - us
  if (spare < 0) return null
  const at = fromUs + Math.floor(random() * spare)
  return { fromUs: at, toUs: at + us }
}

export function toUnsent(request: RequestRecord, outcome: 'overload' | 'stopped' | 'driver-lost'): RequestRecord {
  const nothing = { sentUs: null, connectedUs: null, firstByteUs: null, status: null, connection: null, pod: null }
  return { ...request, ...nothing, outcome, bytes: 0, localPort: null, settledUs: request.dueUs + 1_000_000 }
}
