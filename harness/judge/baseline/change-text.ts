/** The result of a comparison with a baseline, in words and in Markdown. */
import { formatCount, formatDuration, formatList, formatPlural } from '../../base/figures.ts'
import { formatPValue } from '../statistics/decision-text.ts'
import { isShareDifference } from './compare-baselines.ts'
import type { BaselineComparison, FigureChange, RowChange } from './compare-baselines.ts'
import { formatRowName } from './row-name.ts'

/** `rollout × sleep: worse: lost per round 0 → 9.4 (in 10 of 10 rounds, was 0 of 10), p < 0.0001`. */
export function formatRowChange(row: RowChange): string {
  return `${formatRowName(row)}: ${row.change}: ${formatChangeDetail(row)}`
}

/** The figures that decided, or the losses where none did. */
export function formatChangeDetail(row: RowChange): string {
  if (row.figures.length === 0) return explainNothing(row)
  const deciding = row.figures.filter(({ change }) => change === row.change && change !== '~')
  const shown = deciding.length > 0 ? deciding : row.figures.slice(0, 1)
  const rounds = row.change === '~' ? formatRoundsNeeded(row) : ''
  return `${shown.map((figure) => formatFigure(figure, row)).join('; ')}${rounds}`
}

function explainNothing({ rounds }: RowChange): string {
  const missing = [...(rounds.before === 0 ? ['before'] : []), ...(rounds.after === 0 ? ['now'] : [])]
  return `no round was judged ${missing.join(' or ')}`
}

function formatRoundsNeeded(row: RowChange): string {
  const { rounds, roundsNeeded, canDecide, leastRounds } = row
  if (roundsNeeded !== null) return `; ${roundsNeeded} rounds like these would decide`
  if (!canDecide) {
    return `; ${formatPlural(rounds.after, 'round')} after ${rounds.before} cannot decide: ${formatLeastRounds(leastRounds)}`
  }
  return isShareDifference(row) ? `; too few rounds before (${rounds.before}) to decide` : ''
}

const titles: Record<FigureChange['figure'], string> = {
  lost: 'lost per round',
  roundsWithLoss: 'rounds with losses',
  p50Us: 'p50',
  p99Us: 'p99',
  marginUs: 'least margin',
}

function formatFigure(change: FigureChange, { rounds, roundsWithLoss }: RowChange): string {
  const { figure, by, before, after } = change
  const p = formatPValue(change.p)
  const losses = `in ${roundsWithLoss.after} of ${formatPlural(rounds.after, 'round')}, was ${roundsWithLoss.before} of ${rounds.before}`
  if (by === 'share') return `losses ${losses}, ${p}`
  const ofMedian = by === 'median' ? ' of a median round' : ''
  if (figure === 'lost') {
    const title = by === 'median' ? 'lost in a median round' : 'lost per round'
    return `${title} ${formatLost(before)} → ${formatLost(after)} (${losses}), ${p}`
  }
  return `${titles[figure]}${ofMedian} ${formatDuration(Math.round(before))} → ${formatDuration(Math.round(after))}, ${p}`
}

/** With as many digits as a figure of many rounds deserves: a difference of a tenth is visible; reads 0 only where nothing was lost. */
function formatLost(value: number): string {
  return value < 10 ? String(Number(value.toPrecision(2))) : formatCount(Math.round(value))
}

function formatLeastRounds(leastRounds: number | null): string {
  if (leastRounds === null) return 'more rounds before are needed'
  return leastRounds === 1 ? '1 round is needed' : `${formatCount(leastRounds)} rounds are needed`
}

/** In one sentence: `Worse than 20261124-120000: rollout × sleep`. */
export function formatComparisonSentence({ before, rows }: BaselineComparison): string {
  const worse = rows.filter(({ change }) => change === 'worse').map(formatRowName)
  const better = rows.filter(({ change }) => change === 'better').map(formatRowName)
  if (worse.length > 0) return `Worse than ${before}: ${formatList(worse)}`
  if (rows.length === 0) return `Nothing in common with ${before}`
  const compared = rows.filter(({ canDecide }) => canDecide)
  const left = rows.length - compared.length
  const leftOut = left === 0 ? '' : `; ${formatPlural(left, 'row')} could not be compared`
  if (better.length > 0) return `Better than ${before}: ${formatList(better)}; nothing worse${leftOut}`
  if (compared.length === 0) return `Nothing could be held against ${before}: ${explainNothingCompared(rows)}`
  return `No difference from ${before} found in ${formatPlural(compared.length, 'row')}${leftOut}`
}

function explainNothingCompared(rows: readonly RowChange[]): string {
  const few = rows.filter(({ figures }) => figures.length > 0).map(({ leastRounds }) => leastRounds)
  if (few.length === 0) return 'no round was judged'
  const most = few.includes(null) ? null : Math.max(...few.map(Number))
  return `too few rounds were judged, ${formatLeastRounds(most)}`
}

/** Other differences than the configurations, and what is left out because of them; each once, with its rows unless it is in all. */
export function listComparisonNotes({ rows, onlyBefore, onlyAfter }: BaselineComparison): string[] {
  const notes = new Map<string, string[]>()
  for (const row of rows) {
    for (const note of describeComparability(row)) notes.set(note, [...(notes.get(note) ?? []), formatRowName(row)])
  }
  const shared = [...notes].map(([note, names]) =>
    names.length === rows.length ? note : `${note} (${formatList(names)})`,
  )
  return [
    ...shared,
    ...(onlyBefore.length > 0 ? [`Not measured now: ${formatList(onlyBefore)}`] : []),
    ...(onlyAfter.length > 0 ? [`Not measured before: ${formatList(onlyAfter)}`] : []),
  ]
}

function describeComparability({ comparability: { differs, images, losses, times } }: RowChange): string[] {
  const compared =
    losses === 'counts'
      ? 'losses alone are compared, no latencies'
      : 'only whether a round lost requests is compared: neither how many nor latencies'
  return [
    ...(times ? [] : [`Measured otherwise, so ${compared}: ${formatList(differs)}`]),
    ...(images.length > 0 ? [`Under test: ${formatList(images)}`] : []),
  ]
}

/** For a terminal: a line for each row, then what was left out. */
export function formatBaselineComparison(comparison: BaselineComparison): string[] {
  return [
    `${formatComparisonSentence(comparison)}.`,
    ...comparison.rows.map((row) => `  ${formatRowChange(row)}`),
    ...listComparisonNotes(comparison).map((note) => `${note}.`),
  ]
}
