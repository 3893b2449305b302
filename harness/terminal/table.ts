/** The comparison as a table for a terminal, and one sentence for each row. */
import type { ComparisonRow } from '../model/result.ts'
import { columns, paint, plain } from './text.ts'

export function comparisonLines(rows: ComparisonRow[], stream: NodeJS.WriteStream): string[] {
  const [head, ...body] = columns(
    [
      [
        'scenario',
        'configuration',
        'expected',
        'sent',
        'lost',
        '',
        'kinds of loss',
        'p50',
        'p99',
        'longest outage',
        'held',
      ],
      ...rows.map((row) => [
        row.scenario,
        plain(row.configuration),
        row.expects === 'loses' ? 'to lose' : 'no loss',
        grouped(row.sent),
        grouped(row.lost),
        row.sent > 0 ? `${((100 * row.lost) / row.sent).toFixed(row.lost === 0 ? 0 : 1)} %` : '',
        row.outcomes.map(({ outcome, count }) => `${grouped(count)} ${outcome}`).join(', ') || '-',
        milliseconds(row.p50Us),
        milliseconds(row.p99Us),
        row.longestOutageUs > 0 ? milliseconds(row.longestOutageUs) : '-',
        row.held === null ? 'unknown' : row.held ? 'yes' : 'NO',
      ]),
    ],
    [3, 4, 5, 7, 8, 9],
  )
  const colour = { true: 'green', false: 'red', null: 'yellow' } as const
  return [
    paint('bold', head ?? '', stream),
    ...body.map((line, index) => paint(colour[String(rows[index]?.held) as keyof typeof colour], line, stream)),
    '',
    ...rows.map((row) => `${plain(row.configuration)}: ${plain(row.sentence)}`),
  ]
}

/** 12345 as `12,345`. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** µs as `0.4 ms`, `112 ms` or `2.35 s`. */
export function milliseconds(us: number | null): string {
  if (us === null) return '-'
  if (us < 9_950) return `${(us / 1000).toFixed(1)} ms`
  return us < 999_500 ? `${Math.round(us / 1000)} ms` : `${(us / 1e6).toFixed(2)} s`
}
