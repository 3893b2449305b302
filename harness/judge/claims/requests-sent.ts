/** Every due request was sent: the outcome of a request that was not sent is unknown. */
import { findStepUs } from '../facts/evidence.ts'
import type { Evidence } from '../facts/evidence.ts'
import { fates } from '../facts/request-table.ts'
import type { RequestTable } from '../facts/request-table.ts'
import { formatCount, formatPlural } from '../../base/figures.ts'
import type { ClaimInput, Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

/** Maximum time between the harness's stop and the driver's report of it. */
const stopAllowanceUs = 1_000_000

export const requestsSent: Claim = {
  name: 'requests-sent',
  says: 'Every request that was due was sent',
  evidence: 'every request whose outcome is `overload`, or `stopped` long before the load was to stop',
  tolerance: 'none: a request that was not sent would have met what the others did not',
  conclusions: ['none-lost', 'how-many', 'how-late'],
  disturbance: true,
  check: (run) => {
    const unsent = countUnsent(run.evidence.requests, run.evidence)
    const control = countUnsent(run.evidence.control, run.evidence)
    return toClaimCheck(
      [
        ...listProblems(run, unsent),
        control.late + control.room + control.stopped === 0 ? null : formatControlProblem(control),
      ],
      [
        createFigure('too late to be sent', 'count', unsent.late, 0),
        createFigure('without a free connection', 'count', unsent.room, 0),
        createFigure('stopped early', 'count', unsent.stopped, 0),
      ],
    )
  },
}

interface UnsentCounts {
  /** Taken up more than a second after it was due: the driver was late. */
  late: number
  /** All connections that the driver may open were in use. */
  room: number
  stopped: number
}

/** The driver skips later requests, see load/client/driver-plan.ts: one that it skipped sooner found no connection. */
const maxLatenessUs = 1_000_000

function countUnsent(requests: RequestTable, evidence: Evidence): UnsentCounts {
  const stopUs = (findStepUs(evidence, 'load-stop') ?? Infinity) - stopAllowanceUs
  const unsent = { late: 0, room: 0, stopped: 0 }
  for (let index = 0; index < requests.size; index++) {
    const fate = fates[requests.fate(index)]
    if (fate === 'overload') unsent[requests.latencyUs(index) >= maxLatenessUs ? 'late' : 'room']++
    else if (fate === 'stopped' && requests.dueUs(index) < stopUs) unsent.stopped++
  }
  return unsent
}

function listProblems({ account: { ledger }, evidence }: ClaimInput, { late, room, stopped }: UnsentCounts): string[] {
  const formatPercent = (some: number): string =>
    `${formatCount(some)} of ${formatPlural(ledger.planned, 'planned request')} ${some === 1 ? 'was' : 'were'}`
  const says: string[] = []
  if (late > 0) says.push(`driver overloaded: ${formatPercent(late)} not sent`)
  if (room > 0) {
    const waiting = evidence.seen.driver.reduce((most, { health }) => Math.max(most, health.inFlight), 0)
    says.push(
      `${formatPercent(room)} not sent: there was no free connection, with up to ${formatPlural(waiting, 'request')} waiting for the workload’s answer`,
    )
  }
  if (stopped > 0) says.push(`${formatPercent(stopped)} not sent: the driver had stopped before it was told to`)
  return says
}

function formatControlProblem({ late, room, stopped }: UnsentCounts): string {
  return `driver overloaded: ${formatPlural(late + room + stopped, 'planned request')} of the control lane not sent`
}
