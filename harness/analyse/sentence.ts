/** A run, or a row of runs, in one sentence that could be proved false. */
import type { Scenario } from '../model/plan.ts'
import { outcomes } from '../model/record.ts'
import type { Outcome } from '../model/record.ts'
import type { Conclusion } from '../model/claims.ts'
import type { Waited } from '../model/outage.ts'
import type { EndpointLag, Ledger, Loss, Verdict } from '../model/result.ts'
import { oneIn, percentBound } from './bound.ts'
import { lagSays } from './endpoint-lag.ts'
import { count, duration, durations, listed, percent, plural } from './wording.ts'

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
    lags: readonly EndpointLag[]
    waited: Waited
    verdict: Verdict
    voided: readonly Conclusion[]
    because: readonly string[]
  },
  scenario: Scenario,
): string {
  const { ledger, losses, lags, waited, verdict, voided, because } = run
  const figure = `${count(ledger.lost)} of ${plural(ledger.sent, 'request')} lost`
  if (verdict === 'unknown') return `No verdict: ${because[0] ?? 'nothing was measured'} (${figure})`
  if (ledger.lost > 0) {
    const least = voided.includes('how-many') ? 'At least ' : ''
    return `${least}${figure} (${percent(ledger.lost, ledger.sent)}): ${kinds(lostOutcomes(ledger.outcomes))}${whenSays(losses)}${waitedSays(waited)}`
  }
  return `${figure} in 1 ${nounOf(scenario)}: fewer than 1 in ${count(oneIn(ledger.sent))} at 95 %${waitedSays(waited)}${lagSays(lags)}`
}

export interface Total {
  sent: number
  lost: number
  rounds: number
  roundsWithLoss: number
  outcomes: readonly OutcomeCount[]
  lags: readonly EndpointLag[]
  waited: Pick<Waited, 'requests' | 'longestUs'>
}

/** The sentence of several rounds that all could be judged. Losses come in bursts: a zero is bounded in rounds as well. */
export function sentenceOfRounds(total: Total, scenario: Scenario): string {
  const noun = nounOf(scenario)
  const figure = `${count(total.lost)} of ${plural(total.sent, 'request')} lost in`
  if (total.lost > 0) {
    const share = percent(total.lost, total.sent)
    return `${figure} ${count(total.roundsWithLoss)} of ${plural(total.rounds, noun)} (${share}): ${kinds(total.outcomes)}${waitedSays(total.waited)}`
  }
  const requests = `fewer than 1 in ${count(oneIn(total.sent))} requests`
  return `${figure} ${plural(total.rounds, noun)}: ${requests}, fewer than ${percentBound(total.rounds)} % of ${noun}s, at 95 %${waitedSays(total.waited)}${lagSays(total.lags)}`
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

/** From the first to the last loss, after what all of them came after. */
function whenSays(losses: readonly Loss[]): string {
  const pods = new Set(losses.map(({ pod }) => pod))
  const [only] = pods
  const whose = pods.size === 1 && only != null ? only : 'their pods'
  return (
    rangeSays(
      losses.map(({ sinceSignalUs }) => sinceSignalUs),
      `after ${whose} ${pods.size === 1 ? 'was' : 'were'} told to stop`,
    ) ??
    rangeSays(
      losses.map(({ sinceDeletionUs }) => sinceDeletionUs),
      `after the deletion of ${whose}`,
    ) ??
    ''
  )
}

function rangeSays(since: readonly (number | null)[], what: string): string | null {
  const known = since.filter((us) => us !== null)
  if (known.length === 0 || known.length < since.length) return null
  const first = known.reduce((least, us) => Math.min(least, us), Infinity)
  const last = known.reduce((most, us) => Math.max(most, us), -Infinity)
  return first < 0 ? null : `, ${durations(first, last)} ${what}`
}
