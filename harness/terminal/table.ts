/** The comparison as a table for a terminal, and one sentence for each row. */
import type { ComparisonRow } from '../model/comparison.ts'
import { markRow } from '../judge/gates/row-mark.ts'
import type { Tone } from '../judge/gates/row-mark.ts'
import type { Decision } from '../model/figures/decision.ts'
import { formatDecisions } from '../judge/statistics/decision-text.ts'
import { listColumns } from '../judge/tables/comparison-columns.ts'
import type { ComparisonColumn } from '../judge/tables/comparison-columns.ts'
import { alignColumns, withStyle } from './text.ts'
import type { Line } from './text.ts'

export function formatComparison(
  rows: ComparisonRow[],
  stream: { columns?: number },
  decisions: readonly Decision[] = [],
): Line[] {
  const several = new Set(rows.map(({ scenario }) => scenario)).size > 1
  const columns = chooseColumns(rows, stream.columns ?? Infinity)
  const table = [
    columns.map(({ heading }) => heading.toLowerCase()),
    ...rows.map((row) => columns.map(({ text }) => text(row))),
  ]
  const right = columns.flatMap(({ numeric }, index) => (numeric ? [index] : []))
  const [head = '', ...body] = alignColumns(table, right)
  return [
    withStyle('bold', head),
    ...body.map((line, index) => withStyle(colours[markRow(rows[index]!).tone], line)),
    '',
    ...rows.flatMap((row) => [
      `${formatRowName(row, several)}: ${row.sentence}`,
      ...(row.account === null ? [] : [`  ${row.account}`]),
      ...listOtherReasons(row).map((reason) => `  ${reason}`),
      ...(row.result.warnings ?? []).map((warning) => `  ${warning}`),
    ]),
    ...(decisions.length > 0 ? ['', ...formatDecisions(decisions)] : []),
    ...(rows.some(({ loop }) => loop === 'closed') ? ['', closedLoop] : []),
  ]
}

/** What may be long stands last, so that a narrow terminal wraps nothing else. */
function chooseColumns(rows: readonly ComparisonRow[], width: number): ComparisonColumn[] {
  const shown = listColumns('terminal', rows).filter(({ long }) => long !== 'dispensable' || width >= wideColumns)
  return [...shown.filter(({ long }) => long === undefined), ...shown.filter(({ long }) => long !== undefined)]
}

/** What could not be concluded beside a verdict, and why; which gates failed, and which are open, also where there is no verdict. */
function listOtherReasons({ result, gates }: ComparisonRow): string[] {
  return result.verdict === 'unknown' && gates === undefined ? [] : result.because.slice(1)
}

const wideColumns = 140
const closedLoop =
  'The load was a closed loop: latencies count from sending, and must not be compared with those of an open loop.'

/** Whether requests were lost; that a gate failed, or is undecided, stands in the row as words. */
const colours = { clean: 'green', lossy: 'red', open: 'yellow' } as const satisfies Record<Tone, string>

/** `graceful`, or `eviction × graceful` where there are several scenarios. */
function formatRowName({ scenario, configuration }: ComparisonRow, several: boolean): string {
  return several ? `${scenario} × ${configuration}` : configuration
}
