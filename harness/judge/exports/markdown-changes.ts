import { formatChangeDetail, formatComparisonSentence, listComparisonNotes } from '../baseline/change-text.ts'
import type { BaselineComparison } from '../baseline/compare-baselines.ts'
import { formatRowName } from '../baseline/row-name.ts'
import { escapeMarkdown } from '../report/markdown-summary.ts'

const signs = { worse: '❌ worse', better: '✅ better', '~': '~' } as const

/** What changed since a baseline, for a job's summary or a comment: the sentence, a table, and what was left out. */
export function renderMarkdownChanges(comparison: BaselineComparison): string {
  const rows = comparison.rows.map(
    (row) =>
      `| ${signs[row.change]} | ${escapeMarkdown(formatRowName(row))} | ${escapeMarkdown(formatChangeDetail(row))} |`,
  )
  const table =
    rows.length === 0 ? [] : ['', `| | row | since ${escapeMarkdown(comparison.before)} |`, '|---|---|---|', ...rows]
  const notes = listComparisonNotes(comparison).map((note) => `- ${escapeMarkdown(note)}.`)
  const lines = [`### ${escapeMarkdown(formatComparisonSentence(comparison))}`, ...table]
  return `${[...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')}\n`
}
