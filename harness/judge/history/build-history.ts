/** A folder of comparisons as one series for each configuration, with the points at which it changed. */
import { formatDuration, formatList, formatPlural } from '../../base/figures.ts'
import type { Baseline, BaselineRow } from '../../model/baseline/baseline.ts'
import type { ClusterKind } from '../../model/cluster-kind.ts'
import { compareConditions } from '../baseline/conditions.ts'
import { computeRoundFigure } from '../figures/loss-figures.ts'
import { computeMean } from '../statistics/mean.ts'
import { findChangePoints } from './change-points.ts'
import { formatTime } from './format-time.ts'

/** One comparison, with the location of its report. */
export interface HistoryInput {
  baseline: Baseline
  /** Relative to the page; `null` where there is none. */
  report: string | null
}

export interface HistoryPoint {
  comparison: string
  report: string | null
  rounds: number
  roundsWithLoss: number
  /** Over rounds. */
  lost: { mean: number; min: number; max: number }
  /** The median over rounds; `null` where latencies may not be reported. */
  p99Us: number | null
}

export interface HistoryChange {
  figure: 'lost' | 'p99Us'
  /** The first comparison after the change. */
  comparison: string
  /** Means of the figure between the previous change and this one, and from this one until the next. */
  before: number
  after: number
  p: number
  /** Other differences from the comparison before: conditions, images. */
  alongside: string[]
}

export interface HistorySeries {
  scenario: string
  configuration: string
  cluster: ClusterKind
  /** Points with judged rounds, in order of time. */
  points: HistoryPoint[]
  changes: HistoryChange[]
  sentence: string
}

/** Series in order of first appearance; comparisons in order of their ids, which begin with the time. */
export function buildHistory(inputs: readonly HistoryInput[], seed = 1): HistorySeries[] {
  const sorted = inputs.toSorted((a, b) => compareText(a.baseline.comparison, b.baseline.comparison))
  const all = sorted.flatMap(({ baseline, report }) =>
    baseline.rows
      .filter(({ rounds }) => rounds.length > 0)
      .map((row) => ({ row, point: buildPoint(row, baseline.comparison, report) })),
  )
  const getKey = ({ row: { scenario, configuration, conditions } }: PlacedRow): string =>
    JSON.stringify([scenario, configuration, conditions.cluster])
  return [...Map.groupBy(all, getKey).values()].map((placed) => buildSeries(placed, seed))
}

interface PlacedRow {
  row: BaselineRow
  point: HistoryPoint
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function buildPoint({ rounds }: BaselineRow, comparison: string, report: string | null): HistoryPoint {
  const lost = rounds.map((round) => round.lost)
  const p99 = rounds.flatMap(({ latency }) => latency?.p99Us ?? [])
  return {
    comparison,
    report,
    rounds: rounds.length,
    roundsWithLoss: lost.filter((count) => count > 0).length,
    lost: { mean: computeMean(lost), min: Math.min(...lost), max: Math.max(...lost) },
    p99Us: computeRoundFigure(p99)?.median ?? null,
  }
}

function buildSeries(placed: readonly PlacedRow[], seed: number): HistorySeries {
  const { scenario, configuration, conditions } = placed[0]!.row
  const points = placed.map(({ point }) => point)
  const changes = [
    ...findChanges(placed, 'lost', seed),
    ...findChanges(
      placed.filter(({ point }) => point.p99Us !== null),
      'p99Us',
      seed,
    ),
  ]
  const series = { scenario, configuration, cluster: conditions.cluster, points, changes }
  return { ...series, sentence: formatSentence(series) }
}

function findChanges(placed: readonly PlacedRow[], figure: HistoryChange['figure'], seed: number): HistoryChange[] {
  const values = placed.map(({ point }) => (figure === 'lost' ? point.lost.mean : point.p99Us!))
  const found = findChangePoints(values, { seed })
  const bounds = [0, ...found.map(({ at }) => at), values.length]
  return found.map(({ at, p }, index) => {
    const [last, first] = [placed[at - 1]!, placed[at]!]
    const { differs, images } = compareConditions(last.row.conditions, first.row.conditions)
    return {
      figure,
      comparison: first.point.comparison,
      before: computeMean(values.slice(bounds[index], at)),
      after: computeMean(values.slice(at, bounds[index + 2])),
      p,
      alongside: [...differs, ...images],
    }
  })
}

function formatSentence({ points, changes }: Omit<HistorySeries, 'sentence'>): string {
  const measured = formatPlural(points.length, 'comparison')
  if (changes.length > 0) return changes.map(formatChange).join('; ')
  const lossless = points.every(({ roundsWithLoss }) => roundsWithLoss === 0)
  return lossless ? `Nothing lost in ${measured}` : `No change found in ${measured}`
}

/** `Lost per round 0 → 14 since 2026-11-12 03:17 (with kernel 6.8.0 → 6.11.0)`. */
function formatChange({ figure, comparison, before, after, alongside }: HistoryChange): string {
  const since = `since ${formatTime(comparison)}`
  const name = figure === 'lost' ? 'Lost per round' : 'p99'
  const beside = alongside.length > 0 ? ` (with ${formatList(alongside)})` : ''
  const [was, is] = [formatFigure(figure, before), formatFigure(figure, after)]
  if (isSpreadChange({ figure, before, after }))
    return `${name} varies otherwise ${since}, about ${is} as before${beside}`
  return `${name} ${was} → ${is} ${since}${beside}`
}

/** Whether the spread changed: both means read the same. */
export function isSpreadChange({ figure, before, after }: Pick<HistoryChange, 'figure' | 'before' | 'after'>): boolean {
  return formatFigure(figure, before) === formatFigure(figure, after)
}

function formatFigure(figure: HistoryChange['figure'], value: number): string {
  return figure === 'lost' ? String(Number(value.toPrecision(2))) : formatDuration(Math.round(value))
}
