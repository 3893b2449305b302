/** The comparison as a table for a terminal, and sentences for each row. */
import stringWidth from 'string-width'
import type { ComparisonRow } from '../model/comparison.ts'
import { markRow } from '../judge/gates/row-mark.ts'
import type { Tone } from '../judge/gates/row-mark.ts'
import type { Decision } from '../model/figures/decision.ts'
import { formatDecisions } from '../judge/statistics/decision-text.ts'
import { listColumns } from '../judge/tables/comparison-columns.ts'
import type { ComparisonColumn } from '../judge/tables/comparison-columns.ts'
import { alignColumns, withStyle } from './text.ts'
import type { Line } from './text.ts'
import { wrapText } from './view/fit-text.ts'
import { formatMark } from './view/marks.ts'
import { getUsableColumns } from './view/screen-block.ts'
import type { Screen } from './view/screen-block.ts'

/** If the width of the terminal is known nothing is wider: columns are left out, and sentences wrapped. */
export function formatComparison(rows: ComparisonRow[], screen: Screen, decisions: readonly Decision[] = []): Line[] {
  const width = screen.columns ? getUsableColumns(screen) : Infinity
  const table = fitTable(rows, width - markWidth)
  const [head = '', ...body] = alignColumns(table.cells, table.right)
  const sentences = [
    ...rows.flatMap((row) => listSentences(row, { rows, hasMargin: table.keys.includes('margin') })),
    ...(decisions.length > 0 ? ['', ...formatDecisions(decisions)] : []),
    ...(rows.some(({ loop }) => loop === 'closed') ? ['', closedLoop] : []),
  ]
  return [
    ['  ', withStyle('bold', head)],
    ...body.map((line, index): Line => {
      const row = rows[index]!
      return [formatMark(row.result.verdict), ' ', withStyle(colours[markRow(row).tone], line)]
    }),
    '',
    ...(width === Infinity ? sentences : sentences.flatMap((sentence) => wrapText(sentence, width, '  '))),
  ]
}

const markWidth = 2
/** Between two columns. */
const gap = 2

/** The most important columns; others are shown as far as there is room, in the order of the table. */
const firstKeys: readonly string[] = [
  'scenario',
  'configuration',
  'cluster',
  'lostPerDisruption',
  'margin',
  'lost',
  'p99Us',
  'held',
]

interface FittedTable {
  /** The keys of the columns. */
  keys: string[]
  /** Headings first. */
  cells: string[][]
  /** Columns that are aligned to the right. */
  right: number[]
}

function fitTable(rows: readonly ComparisonRow[], width: number): FittedTable {
  const columns = orderColumns(listColumns('terminal', rows)).map((column) => {
    const cells = [column.heading.toLowerCase(), ...rows.map((row) => column.text(row))]
    return { column, cells, width: Math.max(...cells.map((cell) => stringWidth(cell))) }
  })
  let left = width + gap
  const rank = ({ column: { key } }: (typeof columns)[number]): number => {
    const place = firstKeys.indexOf(key)
    return place < 0 ? firstKeys.length : place
  }
  const chosen = new Set<object>()
  for (const one of columns.toSorted((a, b) => rank(a) - rank(b))) {
    // At least a name and a figure, for any width.
    if (chosen.size >= 2 && one.width + gap > left) continue
    left -= one.width + gap
    chosen.add(one)
  }
  const shown = columns.filter((one) => chosen.has(one))
  return {
    keys: shown.map(({ column: { key } }) => key),
    cells: [0, ...rows.map((_, index) => index + 1)].map((line) => shown.map(({ cells }) => cells[line] ?? '')),
    right: shown.flatMap(({ column: { numeric } }, index) => (numeric ? [index] : [])),
  }
}

/** Possibly long columns come last. */
function orderColumns(columns: readonly ComparisonColumn[]): ComparisonColumn[] {
  return [...columns.filter(({ long }) => long === undefined), ...columns.filter(({ long }) => long !== undefined)]
}

/** With the margin if the table has no room for it. */
function listSentences(
  row: ComparisonRow,
  { rows, hasMargin }: { rows: readonly ComparisonRow[]; hasMargin: boolean },
): string[] {
  const several = new Set(rows.map(({ scenario }) => scenario)).size > 1
  return [
    `${formatRowName(row, several)}: ${row.sentence}`,
    ...(hasMargin || row.marginText === null ? [] : [`  margin: ${row.marginText}`]),
    ...row.cause.map((sentence) => `  ${sentence}`),
    ...(row.account === null ? [] : [`  ${row.account}`]),
    ...listOtherReasons(row).map((reason) => `  ${reason}`),
    ...(row.result.warnings ?? []).map((warning) => `  ${warning}`),
  ]
}

/** What could not be concluded besides a verdict, and why; the gates that failed or are open, even without a verdict. */
function listOtherReasons({ result, gates }: ComparisonRow): string[] {
  return result.verdict === 'unknown' && gates === undefined ? [] : result.because.slice(1)
}

const closedLoop =
  'The load was a closed loop: latencies count from sending, and must not be compared with those of an open loop.'

/** Like the mark, it shows whether requests were lost; failed or undecided gates are named in the row. */
const colours = { clean: 'green', lossy: 'red', open: 'yellow' } as const satisfies Record<Tone, string>

/** `graceful`, or `eviction × graceful` where there are several scenarios. */
function formatRowName({ scenario, configuration }: ComparisonRow, several: boolean): string {
  return several ? `${scenario} × ${configuration}` : configuration
}
