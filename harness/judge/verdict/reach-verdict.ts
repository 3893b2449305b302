/** From claims that hold or not to the conclusions about a run: law 6, its own evidence for each conclusion. */
import type { Expectation } from '../../model/plan.ts'
import { conclusions } from '../../model/claims.ts'
import type { ClaimResult, Conclusion } from '../../model/claims.ts'
import type { Analysis, Verdict } from '../../model/result.ts'
import { checkClaims } from '../claims/claims.ts'
import type { ClaimInput } from '../claims/claim.ts'
import { formatCount, formatList, formatPlural } from '../../base/figures.ts'

type VerdictResult = Pick<Analysis, 'claims' | 'voided' | 'verdict' | 'because' | 'hypothesis'>

/** Whatever else a broken run lacks follows from these. */
const fundamentalClaims: ReadonlySet<string> = new Set(['log-whole', 'ledger-balanced'])

export function reachVerdict(run: ClaimInput): VerdictResult {
  const { ledger } = run.account
  const claims = checkClaims(run)
  const voided = conclusions.filter((one) =>
    claims.some(({ holds, conclusions: rest }) => !holds && rest.includes(one)),
  )
  const verdict = decideVerdict(ledger.lost, voided)
  const { expects } = run.plan.configuration
  return {
    claims,
    voided,
    verdict,
    because: listVerdictReasons(run, { claims, voided, verdict }),
    hypothesis:
      expects === undefined
        ? null
        : { expects, held: verdict === 'unknown' ? null : isHypothesisMet(expects, verdict) },
  }
}

function decideVerdict(lost: number, voided: readonly Conclusion[]): Verdict {
  if (lost > 0) return voided.includes('some-lost') ? 'unknown' : 'failed'
  return voided.includes('none-lost') ? 'unknown' : 'passed'
}

/** For a verdict other than `unknown`. */
export function isHypothesisMet(expects: Expectation, verdict: Exclude<Verdict, 'unknown'>): boolean {
  return (expects === 'loses') === (verdict === 'failed')
}

/** First the figure, then what else may not be concluded; without a verdict, the missing evidence. */
function listVerdictReasons(
  { account }: ClaimInput,
  judged: Pick<VerdictResult, 'claims' | 'voided' | 'verdict'>,
): string[] {
  const { claims, voided, verdict } = judged
  const { lost, sent } = account.ledger
  if (verdict === 'unknown') return describeUnmetClaims(findUnmetClaims(claims, lost))
  const figure =
    lost === 0
      ? `none of ${formatPlural(sent, 'request')} was lost`
      : `${voided.includes('how-many') ? 'at least ' : ''}${formatCount(lost)} of ${formatPlural(sent, 'request')} ${lost === 1 ? 'was' : 'were'} lost`
  return [figure, ...describeVoidedConclusions(claims, verdict)]
}

/** The claims that do not hold and that the verdict of a run with this number of lost requests depends on. */
export function findUnmetClaims(claims: readonly ClaimResult[], lost: number): ClaimResult[] {
  const conclusion: Conclusion = lost > 0 ? 'some-lost' : 'none-lost'
  return claims.filter(({ holds: held, conclusions: rest }) => !held && rest.includes(conclusion))
}

function describeUnmetClaims(doubts: readonly ClaimResult[]): string[] {
  const weightiest = doubts.filter(({ name }) => fundamentalClaims.has(name))
  return (weightiest.length === 0 ? doubts : weightiest).flatMap(({ problems }) => problems)
}

const conclusionPhrases: Record<Conclusion, string> = {
  'some-lost': 'that any was lost',
  'none-lost': 'that no other was lost',
  'how-many': 'how many were lost',
  'how-late': 'latencies',
  whose: 'which pods the losses belong to',
}

/** For each claim that does not hold, what cannot be concluded because of it, and why. Without losses, their pods do not matter. */
function describeVoidedConclusions(claims: readonly ClaimResult[], verdict: Verdict): string[] {
  const open: readonly Conclusion[] =
    verdict === 'passed' ? ['how-late'] : ['none-lost', 'how-many', 'how-late', 'whose']
  return claims.flatMap(({ holds: held, problems, conclusions: rest }) => {
    const lacking = held ? [] : open.filter((one) => rest.includes(one))
    return lacking.length === 0
      ? []
      : [`not concluded: ${formatList(lacking.map((one) => conclusionPhrases[one]))}, as ${problems[0]}`]
  })
}
