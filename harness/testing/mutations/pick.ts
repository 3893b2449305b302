/** Requests and spans that are damaged. */
import type { RequestRecord } from '../../model/record.ts'
import { disruption, isIn, one, requestsIn, stepUs } from './mutation.ts'
import type { RunLog, Random, Span } from './mutation.ts'

/** Somewhere in the first half of the load, so that there is more to come. */
export function early(log: RunLog, random: Random): RequestRecord | null {
  const span = { fromUs: stepUs(log, 'load-begin'), toUs: stepUs(log, 'old-pods-gone') }
  return one(
    requestsIn(log).filter(({ dueUs, lane }) => isIn(span, dueUs) && lane !== 'control'),
    random,
  )
}

/** A span of the disruption. */
export function within(log: RunLog, us: number, random: Random): Span | null {
  const { fromUs, toUs } = disruption(log)
  const spare = toUs - fromUs - us
  if (spare < 0) return null
  const at = fromUs + Math.floor(random() * spare)
  return { fromUs: at, toUs: at + us }
}

export function unsent(request: RequestRecord, outcome: 'overload' | 'stopped' | 'driver-lost'): RequestRecord {
  const nothing = { sentUs: null, connectedUs: null, firstByteUs: null, status: null, connection: null, pod: null }
  return { ...request, ...nothing, outcome, bytes: 0, localPort: null, settledUs: request.dueUs + 1_000_000 }
}
