/** The columns of a comparison. Page, Markdown, terminal and JSON are made from this list: a new column is one more entry. */
import { formatCount, formatDuration, formatPercent, noFigure } from '../../base/figures.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { markRow } from '../gates/row-mark.ts'
import { formatRoundFigure } from '../figures/loss-figures.ts'
import {
  formatAsked,
  formatCountIfJudged,
  formatWorstSecond,
  ifJudged,
  listRounds,
  listSecondNotes,
} from './row-figures.ts'

type View = 'page' | 'markdown' | 'terminal'

export interface ComparisonColumn {
  /** The key of the value in JSON, and the class of its cells in the page. */
  key: string
  heading: string
  /** The meaning of the column: the title of its heading. */
  meaning: string
  /** For programs, and for sorting in the page: times in µs, shares from 0 to 1; `null` if nothing was measured. */
  value: (row: ComparisonRow) => string | number | boolean | null | Record<string, number>
  /** For people, on one line. */
  text: (row: ComparisonRow) => string
  /** Further lines, for views with room below the text. */
  notes?: (row: ComparisonRow) => string[]
  /** Aligned to the right. */
  numeric?: true
  /** Possibly long: comes last in a terminal, where the other columns must not wrap. */
  long?: true
  /** Absent: in every view; empty: in none. JSON has every column. */
  views?: readonly View[]
  /** Shown only where the rows differ in it. */
  onlyIfVaried?: true
}

export const comparisonColumns: readonly ComparisonColumn[] = [
  {
    key: 'scenario',
    heading: 'Scenario',
    meaning: 'What was done to the pods.',
    value: ({ scenario }) => scenario,
    text: ({ scenario }) => scenario,
    views: ['terminal'],
    onlyIfVaried: true,
  },
  {
    key: 'configuration',
    heading: 'Configuration',
    meaning: 'The variant of the workload’s objects.',
    value: ({ configuration }) => configuration,
    text: ({ configuration }) => configuration,
  },
  {
    key: 'cluster',
    heading: 'Cluster',
    meaning: 'The kind of cluster that it ran on.',
    value: ({ cluster }) => cluster,
    text: ({ cluster }) => cluster,
    views: ['terminal'],
    onlyIfVaried: true,
  },
  {
    key: 'expects',
    heading: 'Expected',
    meaning: 'What a demonstration is there to show, or the gates that decide.',
    value: ({ expects }) => expects,
    text: formatAsked,
    views: ['terminal'],
  },
  {
    key: 'sent',
    heading: 'Sent',
    meaning: 'Requests that were sent in the rounds that were judged.',
    value: (row) => ifJudged(row, row.sent),
    text: (row) => formatCountIfJudged(row, row.sent),
    notes: listRounds,
    numeric: true,
    views: ['markdown', 'terminal'],
  },
  {
    key: 'lost',
    heading: 'Lost',
    meaning: 'Requests that were sent and not answered well, of all that were sent.',
    value: (row) => ifJudged(row, row.lost),
    text: (row) => formatCountIfJudged(row, row.lost),
    numeric: true,
  },
  {
    key: 'lostPerDisruption',
    heading: 'Lost per disruption',
    meaning: 'Requests that the disruption of one round may have lost: the median over rounds, and the range.',
    value: ({ lostPerDisruption }) => lostPerDisruption?.median ?? null,
    text: ({ lostPerDisruption }) => formatRoundFigure(lostPerDisruption),
    numeric: true,
  },
  {
    key: 'lostInSpanShare',
    heading: 'Share',
    meaning:
      'Of the requests that were due from the first deletion to the end of the last old pod, those that were lost.',
    value: ({ lossFigures: { lostInSpan, dueInSpan } }) => (dueInSpan === 0 ? null : lostInSpan / dueInSpan),
    text: ({ lossFigures: { lostInSpan, dueInSpan } }) => formatPercent(lostInSpan, dueInSpan),
    numeric: true,
    views: ['markdown', 'terminal'],
  },
  {
    key: 'lostShare',
    heading: 'Share of all',
    meaning: 'Lost requests as a share of those that were sent.',
    value: ({ lost, sent }) => (sent === 0 ? null : lost / sent),
    text: ({ lost, sent }) => formatPercent(lost, sent),
    numeric: true,
    views: [],
  },
  {
    key: 'outcomes',
    heading: 'Kinds of loss',
    meaning: 'What became of the lost requests, the most frequent outcome first.',
    value: ({ outcomes }) => Object.fromEntries(outcomes.map(({ outcome, count }) => [outcome, count])),
    text: ({ outcomes, judged }) =>
      outcomes.map(({ outcome, count }) => `${formatCount(count)} ${outcome}`).join(', ') ||
      (judged > 0 ? 'none' : noFigure),
    long: true,
  },
  {
    key: 'toldByTools',
    heading: 'Tools tell',
    meaning: 'How many of the lost requests each other load tool would have told of.',
    value: (row) => ifJudged(row, Object.fromEntries(row.tools.map(({ tool, errors }) => [tool, errors]))),
    text: (row) =>
      ifJudged(row, row.tools.map(({ tool, errors }) => `${tool} ${formatCount(errors)}`).join(', ')) ?? noFigure,
    views: [],
  },
  {
    key: 'p50Us',
    heading: 'p50',
    meaning: 'Half of the answers took no longer: the median over rounds.',
    value: ({ p50Us }) => p50Us,
    text: ({ p50Us }) => formatDuration(p50Us),
    numeric: true,
  },
  {
    key: 'p99Us',
    heading: 'p99',
    meaning: '99 of 100 answers took no longer: the median over rounds.',
    value: ({ p99Us }) => p99Us,
    text: ({ p99Us }) => formatDuration(p99Us),
    numeric: true,
  },
  {
    key: 'worstSecond',
    heading: 'Worst second',
    meaning: 'Of the requests that were due in one second, how many were lost in the second in which the most were.',
    value: ({ lossFigures: { worstSecond } }) => worstSecond && { lost: worstSecond.lost, due: worstSecond.due },
    text: formatWorstSecond,
    notes: listSecondNotes,
    numeric: true,
  },
  {
    key: 'secondsWithLosses',
    heading: 'Seconds with losses',
    meaning: 'Seconds in which requests were due that were lost: the median over rounds, and the range.',
    value: ({ lossFigures: { secondsWithLosses } }) => secondsWithLosses?.median ?? null,
    text: ({ lossFigures: { secondsWithLosses } }) => formatRoundFigure(secondsWithLosses),
    numeric: true,
    views: [],
  },
  {
    key: 'margin',
    heading: 'Margin',
    meaning:
      'How long a pod that left still answered after the last new connection had come to it: of the tightest pod.',
    value: ({ margin }) => margin?.tightest.fresh.marginUs ?? null,
    text: ({ marginText }) => marginText ?? noFigure,
  },
  {
    key: 'longestOutageUs',
    heading: 'Longest outage',
    meaning: 'The longest time in which no request was answered promptly.',
    value: (row) => ifJudged(row, row.longestOutageUs),
    text: (row) => formatDuration(ifJudged(row, row.longestOutageUs)),
    numeric: true,
    views: [],
  },
  {
    key: 'held',
    heading: 'Held',
    meaning: 'Whether a demonstration showed what it is there to show.',
    value: ({ result }) => result.held,
    text: (row) => markRow(row).held.words,
  },
  {
    key: 'verdict',
    heading: 'Verdict',
    meaning: 'passed: no request was lost; failed: some were; unknown: neither can be concluded.',
    value: ({ result }) => result.verdict,
    text: ({ result }) => result.verdict,
    views: ['page', 'markdown'],
  },
]

/** The columns that a view of these rows shows, in order. */
export function listColumns(view: View, rows: readonly ComparisonRow[]): ComparisonColumn[] {
  return comparisonColumns
    .filter(
      ({ views, onlyIfVaried, value }) =>
        (views?.includes(view) ?? true) && !(onlyIfVaried && new Set(rows.map(value)).size <= 1),
    )
    .map((column) => {
      if (column.key === 'held') return nameDeciding(column, rows)
      return column.key === 'lostPerDisruption' ? nameDisruption(column, rows) : column
    })
}

/** `Lost per rollout`, if all rows are of rollouts. */
function nameDisruption(column: ComparisonColumn, rows: readonly ComparisonRow[]): ComparisonColumn {
  const [noun, ...others] = new Set(rows.map((row) => row.noun))
  return noun === undefined || others.length > 0 ? column : { ...column, heading: `Lost per ${noun}` }
}

/** The column that says whether rows held, named by what decides it. */
function nameDeciding(column: ComparisonColumn, rows: readonly ComparisonRow[]): ComparisonColumn {
  const gated = rows.filter(({ gates }) => gates !== undefined).length
  if (gated === 0) return column
  return gated === rows.length
    ? { ...column, heading: 'Gates', meaning: 'Whether the configuration kept its gates in each round.' }
    : {
        ...column,
        meaning: 'Whether a configuration kept its gates or, where it has none, showed what it is there to show.',
      }
}

/** A row as JSON: every column by its key. */
export function toJsonRow(row: ComparisonRow): Record<string, unknown> {
  return Object.fromEntries(comparisonColumns.map(({ key, value }) => [key, value(row)]))
}
