/** The comparison as a table for a terminal, and one sentence for each row. */
import type { ComparisonRow } from '../model/comparison.ts'
import { alignColumns, withStyle } from './text.ts'
import type { Line } from './text.ts'

export function formatComparison(rows: ComparisonRow[], stream: { columns?: number }): Line[] {
  const several = new Set(rows.map(({ scenario }) => scenario)).size > 1
  // Where it would make lines wrap, what a naive tool says is only in the report.
  const naive = (stream.columns ?? Infinity) >= wideColumns
  const table = [headings, ...rows.map((row) => formatCells(row, several))].map((line) =>
    naive ? line : line.toSpliced(9, 1),
  )
  const [head = '', ...body] = alignColumns(table, [2, 3, 4, 5, 6, 7])
  return [
    withStyle('bold', head),
    ...body.map((line, index) => withStyle(chooseColour(rows[index]), line)),
    '',
    ...rows.flatMap((row) => [
      `${formatRowName(row, several)}: ${row.sentence}`,
      ...(row.account === null ? [] : [`  ${row.account}`]),
      ...listOtherReasons(row).map((reason) => `  ${reason}`),
    ]),
    ...(rows.some(({ loop }) => loop === 'closed') ? ['', closedLoop] : []),
  ]
}

/** What a verdict that was reached does not tell, and why. */
function listOtherReasons({ result }: ComparisonRow): string[] {
  return result.verdict === 'unknown' ? [] : result.because.slice(1)
}

const wideColumns = 140
const closedLoop =
  'The load was a closed loop: latencies count from sending, and must not be compared with those of an open loop.'

/** As the exit code: green is 0 alone. */
function chooseColour(row: ComparisonRow | undefined): 'green' | 'red' | 'yellow' {
  if (row?.result.held === false) return 'red'
  return row?.result.held === true && row.result.missing === 0 ? 'green' : 'yellow'
}

// What may be long stands last, so that a narrow terminal wraps nothing else.
const headings = [
  'configuration',
  'expected',
  'sent',
  'lost',
  '',
  'p50',
  'p99',
  'longest outage',
  'held',
  'a naive tool says',
  'kinds of loss',
]

/** `graceful`, or `eviction × graceful` where there are several scenarios. */
function formatRowName({ scenario, configuration }: ComparisonRow, several: boolean): string {
  return several ? `${scenario} × ${configuration}` : configuration
}

function formatCells(row: ComparisonRow, several: boolean): string[] {
  const { held } = row.result
  const isJudged = row.judged > 0
  return [
    formatRowName(row, several),
    row.expects === 'loses' ? 'to lose' : 'no loss',
    isJudged ? formatCount(row.sent) : '-',
    isJudged ? formatCount(row.lost) : '-',
    row.sent > 0 ? `${((100 * row.lost) / row.sent).toFixed(row.lost === 0 ? 0 : 1)} %` : '',
    formatDuration(row.p50Us),
    formatDuration(row.p99Us),
    row.longestOutageUs > 0 ? formatDuration(row.longestOutageUs) : '-',
    held === null ? 'unknown' : held ? 'yes' : 'NO',
    isJudged ? row.naive.says : '-',
    row.outcomes.map(({ outcome, count }) => `${formatCount(count)} ${outcome}`).join(', ') || '-',
  ]
}

/** 12345 as `12,345`. */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** µs as `0.4 ms`, `112 ms` or `2.35 s`. */
export function formatDuration(us: number | null): string {
  if (us === null) return '-'
  if (us < 9_950) return `${(us / 1000).toFixed(1)} ms`
  return us < 999_500 ? `${Math.round(us / 1000)} ms` : `${(us / 1e6).toFixed(2)} s`
}
