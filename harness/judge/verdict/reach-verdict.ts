/** From claims that hold or do not to what may be concluded of a run: law 6, for each conclusion its own evidence. */
import type { Expectation } from '../../model/plan.ts'
import { conclusions } from '../../model/claims.ts'
import type { ClaimResult, Conclusion } from '../../model/claims.ts'
import type { Analysis, Verdict } from '../../model/result.ts'
import { holdClaims } from '../claims/claims.ts'
import type { Case } from '../claims/claim.ts'
import { isByDisruption } from '../claims/losses-caused.ts'
import { count, listed, plural } from '../figures/wording.ts'

type Judgement = Pick<Analysis, 'claims' | 'voided' | 'lostByDisruption' | 'verdict' | 'because' | 'hypothesis'>

/** What a broken run lacks besides follows from that it broke off. */
const fundamental: ReadonlySet<string> = new Set(['log-whole', 'ledger-balanced'])

export function judge(run: Case): Judgement {
  const { ledger } = run.account
  const claims = holdClaims(run)
  const voided = conclusions.filter((one) =>
    claims.some(({ holds, conclusions: rest }) => !holds && rest.includes(one)),
  )
  const lostByDisruption = run.losses.filter((loss) => isByDisruption(loss, run)).length
  const verdict = verdictOf(ledger.lost, voided)
  const { expects } = run.plan.configuration
  return {
    claims,
    voided,
    lostByDisruption,
    verdict,
    because: becauseOf(run, { claims, voided, verdict }),
    hypothesis: { expects, held: verdict === 'unknown' ? null : holds(expects, verdict) },
  }
}

function verdictOf(lost: number, voided: readonly Conclusion[]): Verdict {
  if (lost > 0) return voided.includes('some-lost') ? 'unknown' : 'failed'
  return voided.includes('none-lost') ? 'unknown' : 'passed'
}

/** Of a verdict that could be reached. */
export function holds(expects: Expectation, verdict: Exclude<Verdict, 'unknown'>): boolean {
  return (expects === 'loses') === (verdict === 'failed')
}

/** The figure first, and after it what may not be concluded besides; of no verdict, what it lacks. */
function becauseOf({ account }: Case, judged: Pick<Judgement, 'claims' | 'voided' | 'verdict'>): string[] {
  const { claims, voided, verdict } = judged
  const { lost, sent } = account.ledger
  if (verdict === 'unknown') return describeUnmetClaims(findUnmetClaims(claims, lost))
  const figure =
    lost === 0
      ? `none of ${plural(sent, 'request')} was lost`
      : `${voided.includes('how-many') ? 'at least ' : ''}${count(lost)} of ${plural(sent, 'request')} ${lost === 1 ? 'was' : 'were'} lost`
  return [figure, ...voidSays(claims, verdict)]
}

/** The claims that do not hold and on which the verdict of a run with so many lost requests rests. */
export function findUnmetClaims(claims: readonly ClaimResult[], lost: number): ClaimResult[] {
  const conclusion: Conclusion = lost > 0 ? 'some-lost' : 'none-lost'
  return claims.filter(({ holds: held, conclusions: rest }) => !held && rest.includes(conclusion))
}

function describeUnmetClaims(doubts: readonly ClaimResult[]): string[] {
  const weightiest = doubts.filter(({ name }) => fundamental.has(name))
  return (weightiest.length === 0 ? doubts : weightiest).flatMap(({ complaints }) => complaints)
}

const conclusionSays: Record<Conclusion, string> = {
  'some-lost': 'that any was lost',
  'none-lost': 'that no other was lost',
  'how-many': 'how many were lost',
  'how-late': 'latencies',
  whose: 'which pods the losses belong to',
}

/** For each claim that does not hold what cannot be told because of it, and why. Where none was lost, whose they were is no question. */
function voidSays(claims: readonly ClaimResult[], verdict: Verdict): string[] {
  const open: readonly Conclusion[] =
    verdict === 'passed' ? ['how-late'] : ['none-lost', 'how-many', 'how-late', 'whose']
  return claims.flatMap(({ holds: held, complaints, conclusions: rest }) => {
    const lacking = held ? [] : open.filter((one) => rest.includes(one))
    return lacking.length === 0
      ? []
      : [`not told: ${listed(lacking.map((one) => conclusionSays[one]))}, as ${complaints[0]}`]
  })
}
