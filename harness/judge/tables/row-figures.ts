/** Figures of a row as text. Rounds without a verdict do not count for the configuration. */
import { listDecidingGates } from '../../model/gates/gates.ts'
import { formatCount, formatDuration, formatPlural, noFigure } from '../../base/figures.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { formatRoundFigure } from '../figures/loss-figures.ts'

export function ifJudged<T>({ judged }: ComparisonRow, value: T): T | null {
  return judged > 0 ? value : null
}

export function formatCountIfJudged({ judged }: ComparisonRow, value: number): string {
  return judged > 0 ? formatCount(value) : noFigure
}

/** `18 of 200`. */
export function formatWorstSecond({ judged, lossFigures: { worstSecond } }: ComparisonRow): string {
  if (worstSecond) return `${formatCount(worstSecond.lost)} of ${formatCount(worstSecond.due)}`
  return judged > 0 ? 'none' : noFigure
}

/** `2 seconds with losses`, `12 waited up to 4.1 s`. */
export function listSecondNotes({ judged, lossFigures, waited, longestWaitUs }: ComparisonRow): string[] {
  const { secondsWithLosses: seconds } = lossFigures
  const lossy = seconds !== null && seconds.max > 0
  return [
    ...(lossy ? [`${formatRoundFigure(seconds)} ${seconds.max === 1 ? 'second' : 'seconds'} with losses`] : []),
    ...(judged > 0 && waited > 0 ? [`${formatCount(waited)} waited up to ${formatDuration(longestWaitUs)}`] : []),
  ]
}

export function listRounds({ rounds, judged }: ComparisonRow): string[] {
  if (rounds.length === 1) return []
  return [`in ${judged === rounds.length ? '' : `${formatCount(judged)} of `}${formatPlural(rounds.length, 'round')}`]
}

/** The deciding gates, or the hypothesis of a demonstration. */
export function formatAsked({ expects, gates }: ComparisonRow): string {
  if (gates !== undefined) return listDecidingGates(gates).join(', ') || 'nothing'
  return expects === 'loses' ? 'to lose' : 'no loss'
}
