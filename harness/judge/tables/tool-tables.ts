/** How other load tools and retrying clients would have seen the same losses, as closed tables of the page. */
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Analysis } from '../../model/result.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { createHeads, renderTableDetails, renderTableRow } from '../timeline/badges.ts'
import { buildLaneTable, buildRetryTable, buildRunToolTable, buildToolTable } from '../tools/tool-tables.ts'
import type { TextTable } from '../tools/tool-tables.ts'

/** For a comparison: losses by lane, the reports of other tools, and the clients that would have retried. */
export function renderToolTables(rows: readonly ComparisonRow[]): Html {
  const tables = [buildLaneTable(rows), buildToolTable(rows), buildRetryTable(rows)]
  return html`<div class="tables besides">${tables.map((table) => table && renderTextTable(table))}</div>`
}

/** For one run. */
export function renderToolTableOfRun(analysis: Analysis): Html {
  return renderTextTable(buildRunToolTable(analysis), 4)
}

function renderTextTable({ title, heads, rows, foot }: TextTable, numericFrom = 1): Html {
  const body = rows.map((cells) => renderTableRow(cells, numericFrom))
  return renderTableDetails(title, createHeads(heads, numericFrom), body, html`<p class="of">${foot}</p>`)
}
