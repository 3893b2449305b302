/** Small elements that several parts of the page use: glyphs, verdicts, chips, links. */
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Outcome } from '../../model/record.ts'
import type { Verdict } from '../../model/result.ts'
import type { HeldMark } from '../gates/row-mark.ts'
import { html, trustMarkup, showInvisible } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatCount } from '../../base/figures.ts'
import { getOutcomeLook, outcomeLooks } from './outcome-looks.ts'

const verdictGlyphs: Record<Verdict, string> = { passed: '✓', failed: '✗', unknown: '?' }

/** The verdict as sign and word; the colour only repeats them. */
export function renderVerdictBadge(verdict: Verdict): Html {
  return html`<span class="verdict v-${verdict}"
    ><span aria-hidden="true">${verdictGlyphs[verdict]}</span> ${verdict}</span
  >`
}

const heldGlyphs: Record<HeldMark['result'], string> = { held: '', failed: '✗ ', undecided: '? ' }

/** Whether gates were kept, or a demonstration met its hypothesis: small, and coloured only on failure. */
export function renderHeld({ result, words }: HeldMark): Html {
  return html`<span class="decision d-${result}"><span aria-hidden="true">${heldGlyphs[result]}</span>${words}</span>`
}

/** The sign of an outcome as a small drawing beside its name. */
export function renderGlyph(outcome: Outcome): Html {
  return html`<svg
    class="glyph f-${getOutcomeLook(outcome).family}"
    viewBox="-5 -5 10 10"
    width="12"
    height="12"
    aria-hidden="true"
  >
    <use href="#o-${outcome}" />
  </svg>`
}

/** An outcome with its sign and its number. */
export function renderOutcomeChip(outcome: Outcome, times: number): Html {
  return html`<li class="chip" title="${getOutcomeLook(outcome).short}">
    ${renderGlyph(outcome)}<span>${outcome}</span> <b>${formatCount(times)}</b>
  </li>`
}

/** The drawings that every glyph and mark on the page refers to. */
export function renderGlyphDefinitions(): Html {
  const paths = Object.entries(outcomeLooks).map(([outcome, { path, drawn }]) =>
    drawn === 'filled'
      ? html`<path id="o-${outcome}" d="${path}" fill="currentColor" />`
      : html`<path id="o-${outcome}" d="${path}" fill="none" stroke="currentColor" stroke-width="1.7" />`,
  )
  return html`<svg class="defs" width="0" height="0" aria-hidden="true"><defs>${paths}</defs></svg>`
}

/** The id of a run's section, which is also its link: it works without a script. */
export function getRunAnchor(runId: string): { id: string; href: string } {
  return { id: `run=${showInvisible(runId)}`, href: `#run=${encodeURIComponent(showInvisible(runId))}` }
}

/** The cells of one table row, the first as its header. */
export function renderTableRow(cells: readonly (string | number | Html)[], numericFrom = 1): Html {
  return html`<tr>
    ${cells.map((cell, index) =>
      index === 0
        ? html`<th scope="row">${cell}</th>`
        : html`<td${trustMarkup(index >= numericFrom ? ' class="n"' : '')}>${cell}</td>`,
    )}
  </tr>`
}

/** A whole table in a closed `<details>`; a wide one scrolls by itself. */
export function renderTableDetails(
  title: string,
  heads: readonly ColumnHead[],
  rows: readonly Html[],
  foot?: Html,
): Html {
  return html`<details class="table" data-show="${toShowName(title)}">
    <summary>${title}</summary>
    ${renderScrolledTable(title, heads, rows)}${foot}
  </details>`
}

/** A table that is not in a `<details>`. */
export function renderPlainTable(label: string, heads: readonly ColumnHead[], rows: readonly Html[]): Html {
  return renderScrolledTable(label, heads, rows, ' class="plain"')
}

function renderScrolledTable(label: string, heads: readonly ColumnHead[], rows: readonly Html[], look = ''): Html {
  const columns = heads.map(
    ({ title, numeric }) => html`<th scope="col" ${trustMarkup(numeric ? ' class="n"' : '')}>${title}</th>`,
  )
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${label}">
    <table${trustMarkup(look)}>
      <thead>
        <tr>
          ${columns}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`
}

/** A configuration with its scenario and cluster, for headings and rows. */
export function renderRowName({ configuration, scenario, cluster }: ComparisonRow): Html {
  return html`${configuration} <span class="of">${scenario} · ${cluster}</span>`
}

/** How links name a table: its title up to the first figure, colon or bracket, `latency-by-lane-and-phase`. */
export function toShowName(title: string): string {
  const words = /^[^\d:,(]*/.exec(title)?.[0] ?? ''
  return words
    .toLowerCase()
    .trim()
    .replaceAll(/[^a-z]+/g, '-')
}

/** A column's heading; headings of figures are aligned to the right. */
export interface ColumnHead {
  title: string
  numeric: boolean
}

/** Headings; those from `numericFrom` on are for figures. */
export function createHeads(titles: readonly string[], numericFrom = 1): ColumnHead[] {
  return titles.map((title, index) => ({ title, numeric: index >= numericFrom }))
}
