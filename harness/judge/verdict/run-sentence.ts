/** A run, or a row of runs, in one sentence that can be proved false. */
import { getStepsNoun } from '../../model/steps/order.ts'
import type { Scenario } from '../../model/plan.ts'
import { outcomes } from '../../model/record.ts'
import type { Outcome } from '../../model/record.ts'
import type { Conclusion } from '../../model/claims.ts'
import type { DelayedAnswers } from '../../model/outage.ts'
import type { LossFigures, RoundFigure, RowLossFigures } from '../../model/figures/loss-figures.ts'
import type { EndpointLag } from '../../model/figures/margin.ts'
import type { Ledger, Loss, PodTimeline, Verdict } from '../../model/result.ts'
import { computeOneIn, computePercentBound } from '../figures/zero-bound.ts'
import { formatEndpointLag } from '../figures/endpoint-lag.ts'
import { formatRoundFigure, formatShareInSpan } from '../figures/loss-figures.ts'
import { formatLossOrigins } from '../pods/loss-origin.ts'
import type { LossOrigins } from '../../model/loss.ts'
import { formatStopFaults, formatProxyErrors, formatWhenLost } from './stop-sentence.ts'
import { formatCount, formatDuration, formatList, formatPlural } from '../../base/figures.ts'

export interface OutcomeCount {
  outcome: Outcome
  count: number
}

/** Outcomes other than `ok` that occurred, most frequent first. */
export function listLostOutcomes(counts: Record<Outcome, number>): OutcomeCount[] {
  return outcomes
    .filter((outcome) => outcome !== 'ok' && counts[outcome] > 0)
    .map((outcome) => ({ outcome, count: counts[outcome] }))
    .sort((a, b) => b.count - a.count)
}

/** The sentence of one run. */
export function formatRunSentence(
  run: {
    ledger: Ledger
    losses: readonly Loss[]
    lossOrigins: LossOrigins | null
    pods: readonly PodTimeline[]
    lags: readonly EndpointLag[]
    lossFigures: LossFigures
    waited: DelayedAnswers
    verdict: Verdict
    voided: readonly Conclusion[]
    because: readonly string[]
  },
  scenario: Scenario,
): string {
  const { ledger, losses, lossOrigins, pods, lags, lossFigures, waited, verdict, voided, because } = run
  const figure = `${formatCount(ledger.lost)} of ${formatPlural(ledger.sent, 'request')} lost`
  if (verdict === 'unknown') return `No verdict: ${because[0] ?? 'nothing was measured'} (${figure})`
  if (ledger.lost > 0) {
    const least = voided.includes('how-many') ? 'At least ' : ''
    const when = `${formatWhenLost(losses)}${formatProxyErrors(losses)}${formatLossOrigins(lossOrigins)}${formatStopFaults(losses, pods)}`
    return `${least}${figure}${formatShare(lossFigures)}: ${formatOutcomeCounts(listLostOutcomes(ledger.outcomes))}${when}${formatWaited(waited)}`
  }
  return `${figure} in 1 ${getStepsNoun(scenario.steps, scenario.replicas)}: fewer than 1 in ${formatCount(computeOneIn(ledger.sent))} at 95 %${formatWaited(waited)}${formatEndpointLag(lags, lossOrigins !== null)}`
}

export interface RoundsTotal {
  sent: number
  lost: number
  /** Whether a round may have lost more than is known. */
  atLeast: boolean
  /** Number of judged rounds, of the planned ones. */
  rounds: number
  planned: number
  roundsWithLoss: number
  outcomes: readonly OutcomeCount[]
  /** From all rounds, like the pods: their names differ. */
  losses: readonly Loss[]
  pods: readonly PodTimeline[]
  lags: readonly EndpointLag[]
  lostPerDisruption: RoundFigure | null
  lossFigures: RowLossFigures
  /** Whether the load came through an ingress controller. */
  throughController: boolean
  waited: Pick<DelayedAnswers, 'requests' | 'longestUs'>
}

/** The sentence of several rounds, from those that were judged. Losses come in bursts, so a zero is bounded in rounds too. */
export function formatRoundsSentence(total: RoundsTotal, scenario: Scenario): string {
  const noun = getStepsNoun(scenario.steps, scenario.replicas)
  const figure = `${total.atLeast ? 'At least ' : ''}${formatCount(total.lost)} of ${formatPlural(total.sent, 'request')} lost in`
  if (total.lost > 0) {
    return `${figure} ${formatCount(total.roundsWithLoss)} of ${formatPlural(total.rounds, noun)}${formatEach(total)}${formatShare(total.lossFigures)}: ${formatOutcomeCounts(total.outcomes)}${formatStopFaults(total.losses, total.pods)}${formatWaited(total.waited)}${formatUnjudgedRounds(total)}`
  }
  const requests = `fewer than 1 in ${formatCount(computeOneIn(total.sent))} requests`
  return `${figure} ${formatPlural(total.rounds, noun)}: ${requests}, fewer than ${computePercentBound(total.rounds)} % of ${noun}s, at 95 %${formatWaited(total.waited)}${formatEndpointLag(total.lags, total.throughController)}${formatUnjudgedRounds(total)}`
}

/** `, a median of 3 (0–7)`, `, 3 in each`; empty for one round. */
function formatEach({ lostPerDisruption: figure }: RoundsTotal): string {
  if (figure === null || figure.rounds < 2) return ''
  const says = formatRoundFigure(figure)
  return figure.min === figure.max ? `, ${says} in each` : `, a median of ${says}`
}

/** ` (4.2 % of those due while pods left)`; empty if no pod left. */
function formatShare(figures: Pick<LossFigures, 'lostInSpan' | 'dueInSpan'>): string {
  const says = formatShareInSpan(figures)
  return says === '' ? '' : ` (${says})`
}

function formatUnjudgedRounds({ rounds, planned }: RoundsTotal): string {
  return rounds === planned ? '' : `; ${formatCount(rounds)} of ${formatPlural(planned, 'round')} judged`
}

function formatOutcomeCounts(found: readonly OutcomeCount[]): string {
  return formatList(found.map((each) => `${formatCount(each.count)} ${each.outcome.replaceAll('-', ' ')}`))
}

/** `; 312 more waited up to 4.1 s for their answer`; empty without any. */
function formatWaited({ requests, longestUs }: Pick<DelayedAnswers, 'requests' | 'longestUs'>): string {
  return requests === 0
    ? ''
    : `; ${formatCount(requests)} more waited up to ${formatDuration(longestUs)} for ${requests === 1 ? 'its' : 'their'} answer`
}
