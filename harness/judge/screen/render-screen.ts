/** The first screen of a report: the answer, its certainty, and what happened in each configuration, safest first. */
import { formatCount } from '../../base/figures.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Decision } from '../../model/figures/decision.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { formatDecisions } from '../statistics/decision-text.ts'
import { planImprovement } from './improve-command.ts'
import { findSafest, groupRows } from './order-rows.ts'
import type { RowGroup } from './order-rows.ts'
import { renderRow } from './render-row.ts'
import { renderRuler } from './render-ruler.ts'
import { renderStripAxis } from './render-strip.ts'
import { answerScreen } from './screen-answer.ts'
import type { ScreenAnswer } from './screen-answer.ts'
import { createStripScale, findHighest, formatHundredths } from './strip-scale.ts'
import type { StripScale } from './strip-scale.ts'
import { collectStripSource } from './strip-source.ts'
import type { StripSource } from './strip-source.ts'
import { formatSumLine } from './sum-line.ts'

export interface ScreenReport {
  title: string
  rows: readonly ComparisonRow[]
  runs: readonly ReportedRun[]
  question: string
  /** Shown in place of the answer. */
  notes: readonly string[]
  /** For pairs of rows. */
  decisions: readonly Decision[]
}

interface DrawnGroup {
  group: RowGroup
  scale: StripScale
  strips: { row: ComparisonRow; source: StripSource }[]
}

export function renderScreen({ title, rows, runs, question, notes, decisions }: ScreenReport): Html {
  const groups = groupRows(rows)
  const drawn = groups.map((group) => drawGroup(group, runs))
  const highest = findHighest(drawn.flatMap(({ strips, scale }) => strips.map(({ source }) => ({ source, scale }))))
  const sum = formatSumLine(runs)
  return html`<section class="screen" id="safe" tabindex="-1" aria-label="Which is safe">
    <header class="head">
      <div>
        <p class="question"><b>${title}</b> ${question}</p>
        ${renderAnswer(answerScreen(groups, notes))}
      </div>
      ${renderSureness(groups, runs)}
    </header>
    ${drawn.map((one) => renderGroup(one, { runs, highest, named: groups.length > 1 }))} ${renderDecisions(decisions)}
    ${
      sum !== null &&
      html`<p class="${sum.balanced ? 'sum' : 'sum unbalanced'}">
        ${rows.length > 0 && `All pods of a row that left, laid over each other at the instant of their deletion. `}${sum.says}
      </p>`
    }
  </section>`
}

function renderAnswer({ names, lost, says, others, below }: ScreenAnswer): Html {
  const colour = lost === null ? 'open' : lost ? 'dirty' : 'clean'
  const named = names !== '' && html`<em class="${colour}">${names}</em> `
  const text = html`${named}${says}${others !== '' && html` <br />${others}`}`
  return html`<h1>${text}</h1>
    ${below.map((sentence) => html`<p class="sub">${sentence}</p>`)}`
}

function drawGroup(group: RowGroup, runs: readonly ReportedRun[]): DrawnGroup {
  const strips = group.rows.map((row) => ({ row, source: collectStripSource(row, runs) }))
  return { group, strips, scale: createStripScale(strips.map(({ source }) => source)) }
}

/** For the safest row of all: one zero is enough to understand the others. */
function renderSureness(groups: readonly RowGroup[], runs: readonly ReportedRun[]): Html | null {
  const safest = groups.flatMap((group) => findSafest(group) ?? [])[0]
  if (safest === undefined) return null
  const severalClusters = new Set(groups.map(({ cluster }) => cluster)).size > 1
  const { configuration, judged, noun } = safest
  return renderRuler({ configuration, rounds: judged, noun }, planImprovement(safest, runs, severalClusters))
}

function renderGroup(
  { group, scale, strips }: DrawnGroup,
  { runs, highest, named }: { runs: readonly ReportedRun[]; highest: number; named: boolean },
): Html {
  const safest = findSafest(group)
  const place = `${group.scenario} on ${group.cluster}`
  return html`<section class="rows" aria-label="${place}, the safest first">
    <div class="lab">
      ${named ? html`<h2>${place}</h2>` : html`<h2 class="plain">${group.rows.length > 1 ? 'safest first' : place}</h2>`}
      ${renderStripAxis(scale)} ${renderKey(scale, highest)}
    </div>
    <ol>
      ${strips.map(({ row, source }) => renderRow(row, { runs, safest, source, scale, highest }))}
    </ol>
  </section>`
}

/** Maximum number of lines; further ones are in a closed element. */
const maxDecisions = 3

/** Which configurations differ. */
function renderDecisions(decisions: readonly Decision[]): Html | null {
  const lines = formatDecisions(decisions)
  if (lines.length === 0) return null
  const list = html`<ul class="decided" aria-label="Which configurations differ">
    ${lines.map((line) => html`<li>${line}</li>`)}
  </ul>`
  if (lines.length <= maxDecisions) return list
  return html`<details class="decided">
    <summary>Which configurations differ</summary>
    ${list}
  </details>`
}

/** The meaning of the parts of the strips, and the height of the columns. */
function renderKey({ binUs }: StripScale, highest: number): Html {
  const height = formatCount(Math.max(1, Math.round(highest)))
  return html`<ul class="key">
    <li><i class="k-lost"></i>lost per ${formatHundredths(binUs / 1_000_000)} s, up to ${height}</li>
    <li><i class="k-connecting"></i>still connecting</li>
    <li><i class="k-answering"></i>answering</li>
    <li><i class="k-gap"></i>nobody listening</li>
  </ul>`
}
