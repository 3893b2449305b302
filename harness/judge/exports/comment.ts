import type { BaselineComparison } from '../baseline/compare-baselines.ts'
import { renderWholeSummary } from '../report/judged-runs.ts'
import type { JudgedRuns } from '../report/judged-runs.ts'
import { commentBytes, limitMarkdown, stepSummaryBytes } from './limit-markdown.ts'
import { renderMarkdownChanges } from './markdown-changes.ts'

/** Marks the comment, so that a later job edits it instead of adding another. */
const marker = '<!-- nodrop -->'

/** The body of an issue or of a comment on a pull request: what changed since the baseline first, then the summary. */
export function renderComment(judged: JudgedRuns, changes: BaselineComparison | null): string {
  return limitMarkdown(`${marker}\n${renderAll(judged, changes)}`, commentBytes)
}

/** The same for the summary of a step. */
export function renderStepSummary(judged: JudgedRuns, changes: BaselineComparison | null): string {
  return limitMarkdown(renderAll(judged, changes), stepSummaryBytes)
}

function renderAll(judged: JudgedRuns, changes: BaselineComparison | null): string {
  return `${changes === null ? '' : `${renderMarkdownChanges(changes)}\n`}${renderWholeSummary(judged)}`
}
