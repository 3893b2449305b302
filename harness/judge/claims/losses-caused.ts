/** The lost requests were lost by the disruption; else the hypothesis has not been shown. */
import type { Outcome } from '../../model/record.ts'
import type { Loss } from '../../model/result.ts'
import { findStepUs } from '../facts/evidence.ts'
import { listLostOutcomes } from '../verdict/run-sentence.ts'
import { formatCount, formatDuration, formatList, formatPlural } from '../../base/figures.ts'
import type { ClaimInput, Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

/**
 * The end of a pod does not cause these: another server answered, the name was not found, the certificate or the request was refused. A
 * server that closes rejects requests with 408 and 429.
 */
const environmentOutcomes: ReadonlySet<Outcome> = new Set([
  'wrong-target',
  'dns',
  'tls',
  'http-4xx',
  'unexpected-status',
  'header-mismatch',
  'body-mismatch',
])
const closingStatuses: ReadonlySet<number> = new Set([408, 429])

/** Nodes may send new connections to a pod for about this long after it is gone: twice kube-proxy's sync period. */
export const aftermathUs = 2_000_000

export const lossesCaused: Claim = {
  name: 'losses-caused',
  says: 'Where requests were lost, the disruption lost some of them',
  evidence:
    'outcome, due time and pod of every lost request, against the steps, the lives of the pods and the servers’ logs',
  tolerance: `one request is enough; it was due no later than ${formatDuration(aftermathUs)} after the last old pod was gone, or belonged to a pod that left`,
  conclusions: ['some-lost'],
  disturbance: false,
  check: (run) => {
    const caused = run.lossFigures.lost
    const { lost } = run.account.ledger
    return toClaimCheck(
      [lost === 0 || caused > 0 ? null : formatProblem(run)],
      [createFigure('lost', 'count', lost), createFigure('of them by the disruption', 'count', caused)],
    )
  },
}

/** Whether the disruption may have lost a request: by its outcome, its time and its pod. */
export function isCausedByDisruption(loss: Loss, { evidence, pods }: Pick<ClaimInput, 'evidence' | 'pods'>): boolean {
  const { request, outcome } = loss
  if (isImpossible(loss)) return false
  if (environmentOutcomes.has(outcome) && !(request.status !== null && closingStatuses.has(request.status)))
    return false
  const fromUs = findStepUs(evidence, 'disrupt-begin')
  if (fromUs === null || request.settledUs < fromUs) return false
  const goneUs = findStepUs(evidence, 'old-pods-gone') ?? Infinity
  if (request.dueUs < goneUs + aftermathUs) return true
  // A kept connection to a pod that left fails only when it is used again.
  const own = new Set([request.previousPod, loss.pod])
  return pods.some(({ pod, old, goneUs: left }) => old && left !== null && own.has(pod))
}

/** A request whose connection could not be made is in no server's log; the client's statement is just as good. */
export function isImpossible({ request, served }: Loss): boolean {
  return request.connectedUs === null && served !== null && served.lines.length > 0
}

function formatProblem({ account: { ledger }, losses, evidence }: ClaimInput): string {
  const kinds = listLostOutcomes(ledger.outcomes).map(
    (one) => `${formatCount(one.count)} ${one.outcome.replaceAll('-', ' ')}`,
  )
  const goneUs = findStepUs(evidence, 'old-pods-gone')
  const first = losses.reduce((least, { request }) => Math.min(least, request.dueUs), Infinity)
  const when =
    goneUs !== null && first > goneUs
      ? `, from ${formatDuration(first - goneUs)} after the last old pod was gone on`
      : ''
  return `${formatPlural(ledger.lost, 'request')} ${ledger.lost === 1 ? 'was' : 'were'} lost (${formatList(kinds)}${when}), none of them by the disruption`
}
