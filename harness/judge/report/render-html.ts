import type { ComparisonRow } from '../../model/comparison.ts'
import { getPageAssets } from './assets.ts'
import { renderDiffs } from '../diff/render-diffs.ts'
import { renderBriefSection } from './brief-section.ts'
import { renderComparisonTable } from '../tables/comparison-table.ts'
import { renderConditions } from '../tables/conditions.ts'
import { renderToolTables } from '../tables/tool-tables.ts'
import { html } from './escape-html.ts'
import type { Html } from './escape-html.ts'
import { formatAnswers, formatQuestion } from './headline.ts'
import { renderGlyphDefinitions } from '../timeline/badges.ts'
import { findRunPlace } from './reported-run.ts'
import type { ReportedRun } from './reported-run.ts'
import { renderRunSection } from '../timeline/run-section.ts'

/** The report as one file without any reference to another. The same input gives the same bytes. */
export function renderHtml(report: {
  title: string
  rows: ComparisonRow[]
  runs: ReportedRun[]
  /** Said before the answers of the rows. */
  notes?: readonly string[]
  /** Default: the one that the rows answer. */
  question?: string
}): string {
  const { title, rows, runs, notes = [], question = formatQuestion(rows) } = report
  const { scripts, style, policy } = getPageAssets()
  const [answer = '', ...others] = [...notes, ...(notes.length > 0 && rows.length === 0 ? [] : formatAnswers(rows))]
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${answer} · ${title}</title>
        <link rel="icon" href="data:," />
        ${style}
      </head>
      <body>
        ${renderGlyphDefinitions()}
        <header class="page">
          <p class="brand">nodrop <span>${title}</span></p>
          <p class="question">${question}</p>
          <h1>${answer}</h1>
          ${others.map((other) => html`<p class="also">${other}</p>`)}
        </header>
        <main>
          <section class="overview" aria-label="Comparison">
            ${rows.length > 0 && renderComparisonTable(rows, runs)}${rows.length > 0 && renderToolTables(rows)}${runs.length > 0 && renderConditions(runs)}
          </section>
          ${renderDiffs(rows, runs)}
          <section class="runs" aria-labelledby="runs">
            <h2 id="runs">${runs.length === 1 ? 'The run' : 'The runs'}</h2>
            ${renderSections(runs, rows)}
          </section>
        </main>
        <aside id="story" tabindex="-1" aria-label="One lost request" aria-live="polite" hidden></aside>
        ${scripts}
      </body>
    </html> `
  return page.toString()
}

/** Many runs share what one page can carry; the first run with losses is open, as the example to read. */
function renderSections(runs: readonly ReportedRun[], rows: readonly ComparisonRow[]): Html {
  const example = Math.max(
    0,
    runs.findIndex(({ analysis }) => analysis.losses.length > 0),
  )
  const markLimit = Math.min(1_500, Math.floor(9_000 / runs.length))
  const staticRows = Math.max(20, Math.min(200, Math.floor(1_200 / runs.length)))
  return html`${runs.map((run, index) => {
    if (run.analysis.ending === 'never-began') return renderBriefSection(run, 'did not happen')
    const detail = { open: index === example, markLimit, staticRows }
    try {
      return renderRunSection(run, findRunPlace(run, rows), detail)
    } catch (error) {
      // What one run brings to light hides no other.
      return renderBriefSection(run, `cannot be drawn: ${error instanceof Error ? error.message : String(error)}`)
    }
  })}`
}
