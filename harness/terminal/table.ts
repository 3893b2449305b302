/** The comparison as a table for a terminal, and sentences for each row. */
import stringWidth from 'string-width'
import type { ComparisonRow } from '../model/comparison.ts'
import type { Decision } from '../model/figures/decision.ts'
import { formatDecisions } from '../judge/statistics/decision-text.ts'
import { listColumns } from '../judge/tables/comparison-columns.ts'
import type { ComparisonColumn } from '../judge/tables/comparison-columns.ts'
import type { Verdict } from '../model/result.ts'
import { alignColumns, withStyle } from './text.ts'
import type { Line } from './text.ts'
import { wrapText } from './view/fit-text.ts'
import { formatMark } from './view/marks.ts'
import { getUsableColumns } from './view/screen-block.ts'
import type { Screen } from './view/screen-block.ts'

/** Where the terminal says how wide it is nothing is wider: columns are left out, and sentences broken. */
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
      const verdict = rows[index]?.result.verdict ?? 'unknown'
      return [formatMark(verdict), ' ', withStyle(colours[verdict], line)]
    }),
    '',
    ...(width === Infinity ? sentences : sentences.flatMap((sentence) => wrapText(sentence, width, '  '))),
  ]
}

/** As the mark: it says whether requests were lost, whatever was expected. */
const colours = { passed: 'green', failed: 'red', unknown: 'yellow' } as const satisfies Record<Verdict, string>
const markWidth = 2
/** Between two columns. */
const gap = 2

/** What is looked for first; the others are shown as far as there is room, in the order of the table. */
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
  /** Of the columns. */
  keys: string[]
  /** Headings first. */
  cells: string[][]
  /** Columns that stand at the right. */
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
    // A name and a figure at least, whatever the width.
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

/** What may be long stands last. */
function orderColumns(columns: readonly ComparisonColumn[]): ComparisonColumn[] {
  return [...columns.filter(({ long }) => long === undefined), ...columns.filter(({ long }) => long !== undefined)]
}

/** With the margin where the table has no room for it. */
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
  ]
}

/** What could not be concluded beside a verdict, and why; which gates failed, and which are open, also where there is no verdict. */
function listOtherReasons({ result, gates }: ComparisonRow): string[] {
  return result.verdict === 'unknown' && gates === undefined ? [] : result.because.slice(1)
}

const closedLoop =
  'The load was a closed loop: latencies count from sending, and must not be compared with those of an open loop.'

/** `graceful`, or `eviction × graceful` where there are several scenarios. */
function formatRowName({ scenario, configuration }: ComparisonRow, several: boolean): string {
  return several ? `${scenario} × ${configuration}` : configuration
}
