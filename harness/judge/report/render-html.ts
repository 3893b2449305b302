import type { ComparisonRow } from '../../model/comparison.ts'
import type { Decision } from '../../model/figures/decision.ts'
import { getPageAssets } from './assets.ts'
import { renderComparisonTable } from '../tables/comparison-table.ts'
import { html } from './escape-html.ts'
import { formatAnswers, formatQuestion } from './headline.ts'
import { renderGlyphDefinitions } from '../timeline/badges.ts'
import { renderPageBar } from '../parts/page-bar.ts'
import { renderPageFrame } from '../parts/page-frame.ts'
import { listParts, renderParts } from '../parts/page-parts.ts'
import type { ReportedRun } from './reported-run.ts'
import { renderScreen } from '../screen/render-screen.ts'

/** The report as one file that refers to no other. The same input gives the same bytes. */
export function renderHtml(report: {
  title: string
  rows: ComparisonRow[]
  runs: ReportedRun[]
  /** Sentences before the answers of the rows. */
  notes?: readonly string[]
  /** Default: the question that the rows answer. */
  question?: string
  /** For pairs of rows. */
  decisions?: readonly Decision[]
}): string {
  const { title, rows, runs, notes = [], question = formatQuestion(rows), decisions = [] } = report
  const { scripts, style, policy } = getPageAssets()
  const [answer = ''] = [...notes, ...formatAnswers(rows)]
  const body = html`${renderGlyphDefinitions()}${renderPageBar(listParts(rows, runs))}
    <main>
      ${renderScreen({ title, rows, runs, question, notes, decisions })}
      <section class="overview" id="comparison" aria-label="Comparison">
        ${rows.length > 0 && renderComparisonTable(rows, runs)}
      </section>
      ${renderParts(rows, runs)}
    </main>
    <aside id="story" tabindex="-1" aria-label="One lost request" aria-live="polite" hidden></aside>
    ${scripts}`
  return renderPageFrame({ title, answer, style, policy }, body)
}
