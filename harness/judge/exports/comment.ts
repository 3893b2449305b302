import type { ComparisonRow } from '../../model/comparison.ts'
import type { BaselineComparison } from '../baseline/compare-baselines.ts'
import { renderSummary } from '../report/markdown-summary.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { commentBytes, limitMarkdown, stepSummaryBytes } from './limit-markdown.ts'
import { renderMarkdownChanges } from './markdown-changes.ts'

/** By which a later job finds its comment again, to edit it in place of adding another. */
const marker = '<!-- nodrop -->'

/** The body of an issue or of a comment on a pull request: what changed since the baseline first, then the summary. */
export function renderComment(...what: Parameters<typeof renderAll>): string {
  return limitMarkdown(`${marker}\n${renderAll(...what)}`, commentBytes)
}

/** As that, for the summary of a step. */
export function renderStepSummary(...what: Parameters<typeof renderAll>): string {
  return limitMarkdown(renderAll(...what), stepSummaryBytes)
}

function renderAll(
  rows: readonly ComparisonRow[],
  runs: readonly ReportedRun[],
  changes: BaselineComparison | null,
): string {
  return `${changes === null ? '' : `${renderMarkdownChanges(changes)}\n`}${renderSummary(rows, runs)}`
}
