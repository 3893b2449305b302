/** The conclusions about the runs of a directory, and the documents that report files and reporters of the same names share. */
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Decision } from '../../model/figures/decision.ts'
import type { WatchSession } from '../../model/watch/watch-session.ts'
import { limitMarkdown, stepSummaryBytes } from '../exports/limit-markdown.ts'
import { formatWatchSentences, watchQuestion } from '../verdict/watch-sentences.ts'
import { renderSummary } from './markdown-summary.ts'
import { renderHtml } from './render-html.ts'
import type { ReportedRun } from './reported-run.ts'

export interface JudgedRuns {
  /** The watch, if the runs are its episodes. */
  watch: WatchSession | null
  rows: ComparisonRow[]
  /** Which of two rows is better, for every pair. */
  decisions: Decision[]
  runs: ReportedRun[]
}

/** Sentences before the answers of the rows: the result of a watch. */
export function listNotes({ watch }: Pick<JudgedRuns, 'watch'>): string[] {
  return watch === null ? [] : formatWatchSentences(watch).map((sentence) => `${sentence}.`)
}

/** `report.html`. */
export function renderReport(judged: JudgedRuns, title: string): string {
  const { watch, rows, runs, decisions } = judged
  const question = watch && { question: watchQuestion }
  return renderHtml({ title, rows, runs, notes: listNotes(judged), decisions, ...question })
}

/** `summary.md`. */
export function renderReportSummary(judged: JudgedRuns): string {
  return limitMarkdown(renderWholeSummary(judged), stepSummaryBytes)
}

/** The same without a limit of its length. */
export function renderWholeSummary(judged: JudgedRuns): string {
  return renderSummary(judged.rows, judged.runs, listNotes(judged), judged.decisions)
}
