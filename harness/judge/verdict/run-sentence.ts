/** A run, or a row of runs, in one sentence that could be proved false. */
import type { Scenario } from '../../model/plan.ts'
import { outcomes } from '../../model/record.ts'
import type { Outcome } from '../../model/record.ts'
import type { Conclusion } from '../../model/claims.ts'
import type { Waited } from '../../model/outage.ts'
import type { EndpointLag, Ledger, Loss, PodLife, Verdict } from '../../model/result.ts'
import { oneIn, percentBound } from '../figures/zero-bound.ts'
import { lagSays } from '../figures/endpoint-lag.ts'
import { faultsSay, proxyErrorsSay, whenSays } from './stop-sentence.ts'
import { count, duration, listed, percent, plural } from '../figures/wording.ts'

/** What one disruption is called. */
function nounOf({ disruption, replicas }: Scenario): string {
  if (disruption.kind === 'scale') return disruption.to < replicas ? 'scale-down' : 'scale-up'
  return disruption.kind === 'evict' ? 'eviction' : 'rollout'
}

export interface OutcomeCount {
  outcome: Outcome
  count: number
}

/** Outcomes other than `ok` that occurred, the most frequent first. */
export function lostOutcomes(counts: Record<Outcome, number>): OutcomeCount[] {
  return outcomes
    .filter((outcome) => outcome !== 'ok' && counts[outcome] > 0)
    .map((outcome) => ({ outcome, count: counts[outcome] }))
    .sort((a, b) => b.count - a.count)
}

/** The sentence of one run. */
export function sentenceOf(
  run: {
    ledger: Ledger
    losses: readonly Loss[]
    pods: readonly PodLife[]
    lags: readonly EndpointLag[]
    waited: Waited
    verdict: Verdict
    voided: readonly Conclusion[]
    because: readonly string[]
  },
  scenario: Scenario,
): string {
  const { ledger, losses, pods, lags, waited, verdict, voided, because } = run
  const figure = `${count(ledger.lost)} of ${plural(ledger.sent, 'request')} lost`
  if (verdict === 'unknown') return `No verdict: ${because[0] ?? 'nothing was measured'} (${figure})`
  if (ledger.lost > 0) {
    const least = voided.includes('how-many') ? 'At least ' : ''
    const when = `${whenSays(losses)}${proxyErrorsSay(losses)}${faultsSay(losses, pods)}`
    return `${least}${figure} (${percent(ledger.lost, ledger.sent)}): ${kinds(lostOutcomes(ledger.outcomes))}${when}${waitedSays(waited)}`
  }
  return `${figure} in 1 ${nounOf(scenario)}: fewer than 1 in ${count(oneIn(ledger.sent))} at 95 %${waitedSays(waited)}${lagSays(lags)}`
}

export interface Total {
  sent: number
  lost: number
  /** Whether a round may have lost more than is known. */
  atLeast: boolean
  /** Rounds that were judged, of so many that were planned. */
  rounds: number
  planned: number
  roundsWithLoss: number
  outcomes: readonly OutcomeCount[]
  /** Of all rounds, as are the pods: their names differ. */
  losses: readonly Loss[]
  pods: readonly PodLife[]
  lags: readonly EndpointLag[]
  waited: Pick<Waited, 'requests' | 'longestUs'>
}

/** The sentence of several rounds, of those that were judged. Losses come in bursts: a zero is bounded in rounds as well. */
export function sentenceOfRounds(total: Total, scenario: Scenario): string {
  const noun = nounOf(scenario)
  const figure = `${total.atLeast ? 'At least ' : ''}${count(total.lost)} of ${plural(total.sent, 'request')} lost in`
  if (total.lost > 0) {
    const share = percent(total.lost, total.sent)
    return `${figure} ${count(total.roundsWithLoss)} of ${plural(total.rounds, noun)} (${share}): ${kinds(total.outcomes)}${faultsSay(total.losses, total.pods)}${waitedSays(total.waited)}${ofPlanned(total)}`
  }
  const requests = `fewer than 1 in ${count(oneIn(total.sent))} requests`
  return `${figure} ${plural(total.rounds, noun)}: ${requests}, fewer than ${percentBound(total.rounds)} % of ${noun}s, at 95 %${waitedSays(total.waited)}${lagSays(total.lags)}${ofPlanned(total)}`
}

function ofPlanned({ rounds, planned }: Total): string {
  return rounds === planned ? '' : `; ${count(rounds)} of ${plural(planned, 'round')} judged`
}

function kinds(found: readonly OutcomeCount[]): string {
  return listed(found.map((each) => `${count(each.count)} ${each.outcome.replaceAll('-', ' ')}`))
}

/** `; 312 more waited up to 4.1 s for their answer`; empty when none did. */
function waitedSays({ requests, longestUs }: Pick<Waited, 'requests' | 'longestUs'>): string {
  return requests === 0
    ? ''
    : `; ${count(requests)} more waited up to ${duration(longestUs)} for ${requests === 1 ? 'its' : 'their'} answer`
}
