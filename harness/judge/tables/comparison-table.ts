import { formatCount, formatPercent, formatPlural, noFigure } from '../../base/figures.ts'
import { hasSeveralPlaces } from '../../model/comparison.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { listDecidingGates } from '../../model/gates/gates.ts'
import { html, keepUnits } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { listRunsOfRow } from '../report/reported-run.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { markRow } from '../gates/row-mark.ts'
import { getRunAnchor, renderHeld, renderOutcomeChip, renderVerdictBadge } from '../timeline/badges.ts'
import { findMostLost, hasUncountedRounds, renderRoundDots } from '../timeline/round-dots.ts'
import { listColumns } from './comparison-columns.ts'
import type { ComparisonColumn } from './comparison-columns.ts'
import { explainLatency } from './explanations.ts'

/** The first table of a report: a row for each scenario × configuration × cluster. */
export function renderComparisonTable(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): Html {
  const mostLost = findMostLost(rows)
  const columns = listColumns('page', rows)
  const context = { mostLost, showPlace: hasSeveralPlaces(rows) }
  return html`<table class="comparison" role="table" data-sortable>
    <caption>
      Each row is a configuration. A dot is one round; the further right, the more requests it lost (square-root scale
      up to ${formatCount(mostLost)}); a ring is a round without
      loss${rows.some(hasUncountedRounds) && ', a dashed one a round that does not count'}. ${explainLatency(rows)}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map((column) => renderHeading(column, rows))}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map((row) => {
        const own = listRunsOfRow(row, runs)
        return html`<tr role="row">
          ${columns.map((column) => renderCell(column, { row, runs: own, ...context }))}
        </tr> `
      })}
    </tbody>
  </table>`
}

interface CellContext {
  row: ComparisonRow
  /** The runs of the row. */
  runs: readonly ReportedRun[]
  mostLost: number
  showPlace: boolean
}

/** Cells that the page draws with more than text and notes. */
const drawnCells: Record<string, (context: CellContext) => Html> = {
  configuration: renderName,
  lost: renderLost,
  outcomes: renderOutcomes,
  held: ({ row }) => html`${renderHeld(markRow(row).held)}${renderNotes(listAsked(row))}`,
  verdict: ({ row: { result } }) =>
    html`${renderVerdictBadge(result.verdict)}${renderNotes([result.because[0] ?? ''])}`,
}

function listAsked({ expects, gates, result: { warnings = [] } }: ComparisonRow): string[] {
  if (gates) return [...listDecidingGates(gates), ...warnings]
  return [expects === 'loses' ? 'expected to lose requests' : 'expected to lose none']
}

function renderHeading(column: ComparisonColumn, rows: readonly ComparisonRow[]): Html {
  const kinds = new Set(rows.map((row) => typeof (column.value(row) ?? undefined)))
  const sort = kinds.has('object') ? 'none' : kinds.has('number') ? 'number' : 'text'
  return html`<th
    role="columnheader"
    scope="col"
    class="${listClasses(column)}"
    title="${column.meaning}"
    data-sort="${sort}"
  >
    ${column.heading}
  </th>`
}

function listClasses({ key, numeric }: ComparisonColumn): string {
  return numeric && !Object.hasOwn(drawnCells, key) ? `c-${key} n` : `c-${key}`
}

/** The label comes before the value where the table is folded into cards. */
function renderCell(column: ComparisonColumn, context: CellContext): Html {
  const { key, heading, text, notes } = column
  const { row } = context
  const content = drawnCells[key]?.(context) ?? html`${keepUnits(text(row))}${renderNotes(notes?.(row) ?? [])}`
  const sortValue = getSortValue(column, row)
  return key === 'configuration'
    ? html`<th role="rowheader" scope="row" class="c-${key}" data-value="${sortValue}">${content}</th> `
    : html`<td role="cell" class="${listClasses(column)}" data-label="${heading}" data-value="${sortValue}">
        ${content}
      </td> `
}

/** A missing value is less than any other. */
function getSortValue({ value }: ComparisonColumn, row: ComparisonRow): string | number {
  const own = value(row)
  if (own === null) return -1
  return typeof own === 'number' ? own : typeof own === 'object' ? '' : String(own)
}

function renderNotes(notes: readonly string[]): Html {
  return html`${notes.map((note) => html`<span class="of">${keepUnits(note)}</span>`)}`
}

function renderName({ row, runs: [first], showPlace }: CellContext): Html {
  const name =
    first === undefined
      ? html`${row.configuration}`
      : html`<a href="${getRunAnchor(first.analysis.runId).href}">${row.configuration}</a>`
  return html`<span class="name">${name}</span
    >${showPlace && html` <span class="place">${row.scenario} · ${row.cluster}</span>`}<span class="hypothesis"
      >${first?.plan.configuration.hypothesis ?? ''}</span
    >`
}

function renderOutcomes({ row: { outcomes, judged } }: CellContext): Html {
  if (outcomes.length === 0) return html`<span class="of">${judged > 0 ? 'none' : noFigure}</span>`
  return html`<ul class="chips">
    ${outcomes.map(({ outcome, count }) => renderOutcomeChip(outcome, count))}
  </ul>`
}

function renderLost({ row, mostLost }: CellContext): Html {
  const { judged, rounds, roundsWithLoss, account } = row
  const withLoss = `${formatCount(roundsWithLoss)} of ${formatPlural(judged, 'round')} with loss`
  return html`${renderLostFigure(row)}${renderRoundDots(rounds, mostLost)}${judged > 0 && rounds.length > 1 && renderNotes([withLoss])}${account !== null && html`<span class="of account">${account}</span>`}`
}

/** From the rounds that count; without any, what was seen is shown separately. */
function renderLostFigure({ judged, lost, sent, rounds }: ComparisonRow): Html {
  if (judged > 0) {
    return html`<span class="figure ${lost === 0 ? 'clean' : 'dirty'}">${formatCount(lost)}</span>
      <span class="of total">of ${formatCount(sent)} · ${formatPercent(lost, sent)}</span>`
  }
  const sumOverRounds = (pick: 'sent' | 'lost'): number => rounds.reduce((sum, round) => sum + round[pick], 0)
  const [allLost, allSent] = [sumOverRounds('lost'), sumOverRounds('sent')]
  const seen = allSent > 0 && `without a verdict: ${formatCount(allLost)} of ${formatCount(allSent)} lost`
  return html`<span class="figure">${noFigure}</span> <span class="of account">${seen}</span>`
}
