/** A configuration on the first screen: its losses, its pods laid over each other, and the cause. */
import { formatCount, formatPlural } from '../../base/figures.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Verdict } from '../../model/result.ts'
import { findDeployed } from '../diff/configuration-diffs.ts'
import { html, keepUnits } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { getRunAnchor, renderGlyph } from '../timeline/badges.ts'
import { getOutcomeLook } from '../timeline/outcome-looks.ts'
import { renderPatch } from './render-patch.ts'
import { renderStrip } from './render-strip.ts'
import { findRowPatch } from './row-patch.ts'
import { describeStrip, formatExpected, formatRowFigure, listRowReasons } from './row-texts.ts'
import type { StripScale } from './strip-scale.ts'
import type { StripSource } from './strip-source.ts'

export interface RowContext {
  runs: readonly ReportedRun[]
  /** The row that others should change to. */
  safest: ComparisonRow | undefined
  source: StripSource
  scale: StripScale
  highest: number
}

export function renderRow(row: ComparisonRow, context: RowContext): Html {
  const { runs, safest, source, scale, highest } = context
  const { verdict } = row.result
  const { value, unit, note } = formatRowFigure(row)
  const expected = formatExpected(row)
  const patch = verdict === 'failed' && safest !== undefined ? findRowPatch(row, safest, runs) : null
  const [cause = '', ...reasons] = listRowReasons(row)
  return html`<li class="row r-${verdict}">
    <div class="who">
      ${renderDrop(verdict)}
      <div>
        <h3>
          ${renderName(row)}${expected !== '' && html` <span class="${row.result.held === false ? 'expected against' : 'expected'}">${expected}</span>`}
        </h3>
        <p class="figure"><b>${value}</b> ${unit}</p>
        <p class="note">${keepUnits(note)}</p>
        ${renderKinds(row)}
      </div>
    </div>
    ${renderStrip(source, { scale, highest }, { label: describeStrip(row, source), margin: row.marginText })}
    <div class="why">
      <p class="cause">${keepUnits(cause)}</p>
      ${reasons.length > 0 && html`<p class="more">${keepUnits(reasons.join(' '))}</p>`}
      ${patch !== null && renderPatch(patch)}${row === safest && renderSource(row, runs)}
    </div>
  </li> `
}

/** Where the file of the safe configuration is. */
function renderSource(row: ComparisonRow, runs: readonly ReportedRun[]): Html | null {
  const path = findDeployed(row, runs)?.source.path ?? null
  return path === null ? null : html`<p class="more">Its patch is <code>${path}</code></p>`
}

/** A link to its worst round. */
function renderName({ configuration, rounds }: ComparisonRow): Html {
  const worst = rounds.reduce<(typeof rounds)[number] | undefined>(
    (most, round) => (most === undefined || round.lost > most.lost ? round : most),
    undefined,
  )
  return worst === undefined
    ? html`${configuration}`
    : html`<a href="${getRunAnchor(worst.runId).href}">${configuration}</a>`
}

/** Maximum number of kinds; further ones are summed, and the table below has all. */
const maxKinds = 3

function renderKinds({ outcomes }: ComparisonRow): Html | null {
  if (outcomes.length === 0) return null
  const rest = outcomes.slice(maxKinds).reduce((sum, { count }) => sum + count, 0)
  return html`<ul class="kinds" aria-label="Kinds of loss">
    ${outcomes
      .slice(0, maxKinds)
      .map(
        ({ outcome, count }) =>
          html`<li title="${outcome}">
            ${renderGlyph(outcome)}${formatCount(count)} ${getOutcomeLook(outcome).word}
          </li> `,
      )}${rest > 0 && html`<li>${formatPlural(rest, 'other')}</li>`}
  </ul>`
}

const drops: Record<Verdict, { says: string; drawn: Html }> = {
  passed: {
    says: 'lost nothing',
    drawn: html`<path
        class="rim"
        d="M10 1.8C10 1.8 2.4 10.4 2.4 15.2a7.6 7.6 0 0 0 15.2 0C17.6 10.4 10 1.8 10 1.8Z"
      /><path class="check" d="M6.4 15.1l2.6 2.6 4.7-5" />`,
  },
  failed: {
    says: 'lost requests',
    drawn: html`<path class="full" d="M10 1C10 1 1.6 10.4 1.6 15.2a8.4 8.4 0 0 0 16.8 0C18.4 10.4 10 1 10 1Z" />`,
  },
  unknown: {
    says: 'not known',
    drawn: html`<path
        class="rim"
        d="M10 1.8C10 1.8 2.4 10.4 2.4 15.2a7.6 7.6 0 0 0 15.2 0C17.6 10.4 10 1.8 10 1.8Z"
        stroke-dasharray="2.6 2.2"
      /><path class="check" d="M7.6 12.6a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2.8-1.2 1.7M10 19.2v.3" />`,
  },
}

/** A full drop for losses, a ticked one without: the shape shows it as well as the colour. */
function renderDrop(verdict: Verdict): Html {
  const { says, drawn } = drops[verdict]
  return html`<svg class="drop" viewBox="0 0 20 24" width="20" height="24" role="img" aria-label="${says}">
    ${drawn}
  </svg>`
}
