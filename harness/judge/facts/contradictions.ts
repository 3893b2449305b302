/** Records that cannot be true: their statements about one request, or one driver, contradict each other. */
import { createStatusTest } from '../../model/load/requests.ts'
import { outcomes } from '../../model/record.ts'
import type { DriverHealth, Outcome, RequestRecord } from '../../model/record.ts'

/** Whether a status is one that was expected. */
type StatusTest = (status: number) => boolean

const isSuccess: StatusTest = createStatusTest()

/** Whether a request's instants are out of order or its outcome contradicts its record. `accepts`: expected statuses, or any 2xx. */
export function isContradictory(request: RequestRecord, accepts: StatusTest = isSuccess): boolean {
  return isOutOfOrder(request) || !isConsistentWithOutcome(request, accepts)
}

/** The instants of a request in their order, without those that it did not reach. */
function isOutOfOrder({ dueUs, sentUs, connectedUs, firstByteUs, settledUs }: RequestRecord): boolean {
  const instants = [dueUs, sentUs, connectedUs, firstByteUs, settledUs].filter((us) => us !== null)
  return instants.some((us, place) => place > 0 && us < instants[place - 1]!)
}

const isBetween = (status: number | null, from: number, to: number): status is number =>
  status !== null && from <= status && status < to

const isAnswered = (request: RequestRecord): boolean => request.connectedUs !== null && request.firstByteUs !== null
const isUnconnected = ({ connectedUs, firstByteUs, status }: RequestRecord): boolean =>
  connectedUs === null && firstByteUs === null && status === null

type Rule = (request: RequestRecord, accepts: StatusTest) => boolean

/** A complete answer with an expected status. */
const isAccepted: Rule = (request, accepts) => isAnswered(request) && request.status !== null && accepts(request.status)

/** What an outcome says about the response, see load/http1/outcome.ts; other outcomes say nothing for certain. */
const possibleByOutcome: Partial<Record<RequestRecord['outcome'], Rule>> = {
  ok: isAccepted,
  'http-4xx': ({ status }, accepts) => isBetween(status, 400, 500) && !accepts(status),
  'http-5xx': ({ status }, accepts) => isBetween(status, 500, 600) && !accepts(status),
  'wrong-target': isAccepted,
  'header-mismatch': isAccepted,
  'body-mismatch': isAccepted,
  refused: isUnconnected,
  dns: isUnconnected,
  'connect-timeout': ({ firstByteUs, status }) => firstByteUs === null && status === null,
  // Both are concluded from missing records: no driver reports such a request.
  'in-flight': () => false,
  'driver-lost': () => false,
}

const sentOutcomes: ReadonlySet<string> = new Set<Outcome>(outcomes)

function isConsistentWithOutcome(request: RequestRecord, accepts: StatusTest): boolean {
  if (sentOutcomes.has(request.outcome) && request.sentUs === null) return false
  return possibleByOutcome[request.outcome]?.(request, accepts) ?? true
}

/** Whether a driver's report is inconsistent: planned requests are either settled or in flight. */
export function isMiscounted({ planned, settled, inFlight }: DriverHealth): boolean {
  return planned !== settled + inFlight
}
