/** A watch as a whole: the results of its episodes, and the losses between them. */
import { observed } from '../../model/disruptions/observed.ts'
import { notSentReasons, outcomes } from '../../model/record.ts'
import type { Verdict } from '../../model/result.ts'
import type { BackgroundTraffic, WatchSession } from '../../model/watch/watch-session.ts'
import { formatCount, formatDuration, formatList, formatPercent, formatPlural } from '../../base/figures.ts'
import { computeQuantiles } from '../figures/quantiles.ts'
import { computeOneIn } from '../figures/zero-bound.ts'

/** If any failed: failed; else if any has no verdict, there is none at all, or a request is missing: unknown. */
export function judgeWatch(session: WatchSession): Verdict {
  const verdicts = countVerdicts(session)
  if (verdicts.failed > 0) return 'failed'
  const isWhole =
    isBalanced(session) && session.unseen === 0 && session.ending !== null && session.ending.why !== 'broken'
  return verdicts.unknown > 0 || verdicts.passed === 0 || !isWhole ? 'unknown' : 'passed'
}

export const watchQuestion = 'Were requests lost while pods of this workload were replaced, moved or removed?'

/** The result, the losses between episodes, and whether every request is accounted for. */
export function formatWatchSentences(session: WatchSession): string[] {
  const { unseen, background } = session
  const missed =
    unseen === 0 ? [] : [`${formatPlural(unseen, 'sign')} that pods were being replaced came while no load was sent`]
  return [formatEpisodes(session), formatBackground(background), ...missed, formatWatchLedger(session)]
}

function isBalanced({ ledger: { planned, background, episodes } }: WatchSession): boolean {
  return planned === background + episodes
}

/** Including those that are no longer listed. */
function countVerdicts({ episodes, forgotten }: WatchSession): Record<Verdict, number> {
  const counts = { ...forgotten }
  for (const { verdict } of episodes) counts[verdict]++
  return counts
}

function formatEpisodes(session: WatchSession): string {
  const { target, durationUs, ending, episodes } = session
  const { passed, failed, unknown } = countVerdicts(session)
  const total = passed + failed + unknown
  const how = formatEnding(ending)
  const where = `of ${target} in ${formatDuration(durationUs)}`
  if (total === 0) return `No pod ${where} was replaced, so nothing is known of what that costs${how}`
  const kinds = [...Map.groupBy(episodes, ({ what }) => what)].map(([what, { length }]) =>
    formatPlural(length, observed.getNoun({ kind: 'observed', what }, 0)),
  )
  const earlier = total - episodes.length
  if (earlier > 0) kinds.push(`${formatCount(earlier)} earlier`)
  const came = [
    passed > 0 && `${formatCount(passed)} lost no request`,
    failed > 0 && `${formatCount(failed)} lost requests`,
    unknown > 0 && `${formatCount(unknown)} could not be judged`,
  ].filter((part) => part !== false)
  return `${formatPlural(total, 'episode')} ${where} (${formatList(kinds)}): ${formatList(came)}${how}`
}

function formatEnding(ending: WatchSession['ending']): string {
  if (ending === null) return '; it goes on, or was killed'
  if (ending.why === 'broken') return `; it broke off: ${ending.detail ?? ''}`
  return ending.why === 'interrupted' ? ', until it was interrupted' : ''
}

function formatBackground({ outcomes: counts, control, latency }: BackgroundTraffic): string {
  const notSent = notSentReasons.reduce((sum, reason) => sum + (counts[reason] ?? 0), 0)
  const kinds = outcomes
    .map((outcome) => ({ outcome, count: outcome === 'ok' ? 0 : (counts[outcome] ?? 0) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
  const lost = kinds.reduce((sum, { count }) => sum + count, 0)
  const sent = (counts.ok ?? 0) + lost
  if (sent === 0) return 'No request was sent between episodes'
  const { p50Us, p99Us } = computeQuantiles(new Float64Array(), latency)
  const tail = [
    `p50 ${formatDuration(p50Us)}, p99 ${formatDuration(p99Us)}`,
    notSent > 0 && `${formatCount(notSent)} more were not sent`,
    control.lost > 0 &&
      `${formatCount(control.lost)} of ${formatPlural(control.sent, 'request')} were lost to a pod that nothing disrupted: the machine or the network loses some by itself`,
  ].filter((part) => part !== false)
  const figure = `Between episodes ${formatCount(lost)} of ${formatPlural(sent, 'request')} ${lost === 1 ? 'was' : 'were'} lost`
  const which =
    lost === 0
      ? `fewer than 1 in ${formatCount(computeOneIn(sent))} at 95 %`
      : `${formatPercent(lost, sent)}, ${formatList(kinds.map((one) => `${formatCount(one.count)} ${one.outcome.replaceAll('-', ' ')}`))}`
  return `${figure} (${which}); ${tail.join('; ')}`
}

function formatWatchLedger(session: WatchSession): string {
  const { planned, background, episodes } = session.ledger
  const parts = `${formatCount(episodes)} in episodes and ${formatCount(background)} between them`
  if (session.ending === null) return `${formatPlural(planned, 'request')} are accounted for so far: ${parts}`
  if (isBalanced(session))
    return `Each of ${formatPlural(planned, 'request')} that were due is accounted for once: ${parts}`
  const missing = planned - background - episodes
  return `The ledger does not balance: ${formatPlural(planned, 'request')} were due, ${parts}, ${formatCount(Math.abs(missing))} ${missing > 0 ? 'missing' : 'too many'}`
}
