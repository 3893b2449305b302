import { formatConfiguration } from '../../model/comparison.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { listDecidingGates } from '../../model/gates/gates.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { Analysis, Loss } from '../../model/result.ts'
import { formatExcerpt, html, escapeJson, trustMarkup } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatCount, formatPercent, formatPlural } from '../../base/figures.ts'
import { formatEvidenceLevel } from '../losses/evidence-text.ts'
import { formatLedger, formatAggregated } from '../losses/ledger-text.ts'
import { markHeld } from '../gates/row-mark.ts'
import { renderHeld, renderGlyph, getRunAnchor, renderVerdictBadge } from './badges.ts'
import { getOutcomeLook } from './outcome-looks.ts'
import { narrowExcerpts } from '../servers/excerpt-logs.ts'
import { packBucket, packExcerpt, packLosses } from '../losses/payload.ts'
import type { RunPayload } from '../losses/payload.ts'
import { chooseShownLosses } from '../losses/shown-losses.ts'
import { formatRoundName } from '../report/reported-run.ts'
import type { RunPart, RunPlace, ReportedRun } from '../report/reported-run.ts'
import { renderLatencyCurves } from '../parts/latency-curve.ts'
import { renderTables } from '../tables/run-tables.ts'
import { createTimeScale } from './time-scale.ts'
import { renderTimeline } from './timeline.ts'
import type { TimeScale } from './timeline-geometry.ts'

/** How much of a run is written; a report of many runs must stay small. */
export interface DetailLevel {
  open: boolean
  markLimit: number
  staticRows: number
  /** The approximate number of lost requests of this run in the page. */
  shownLosses: number
  /** Whether its timeline is drawn; else the page's script draws it, from the same data. */
  drawn: boolean
  /** Whether names of runs include their scenario and cluster. */
  showPlace: boolean
}

/**
 * A run as a section that can be closed: sentence, ledger, timeline, tables, and the data for the page's script. The content of a closed
 * one is left to that script, or to a browser without scripts: a page of many runs would have more nodes than a browser lays out at once.
 */
export function renderRunSection(run: ReportedRun, place: RunPlace, detail: DetailLevel): Html {
  const { analysis } = run
  const { ledger } = analysis
  const scale = createTimeScale(analysis)
  const anchor = getRunAnchor(analysis.runId)
  const shown = chooseShownLosses(analysis.losses, detail.shownLosses)
  const body = renderBody(run, place, { scale, shown, detail })
  return html`<details
    class="run"
    id="${anchor.id}"
    data-run="${analysis.runId}"
    ${trustMarkup(detail.open ? ' open' : '')}
  >
    <summary>
      <h3>${analysis.configuration}</h3>
      <span class="round"
        >${analysis.scenario} · ${analysis.cluster} · ${formatRoundName(run)}${partNotes[place.part]}</span
      ><span class="lost ${ledger.lost === 0 ? 'clean' : 'dirty'}"
        >${formatCount(ledger.lost)} lost
        <span class="of">of ${formatCount(ledger.sent)} · ${formatPercent(ledger.lost, ledger.sent)}</span></span
      >${renderVerdictBadge(analysis.verdict)}
    </summary>
    <script type="application/json" class="data">
      ${escapeJson(createPayload(run, { scale, shown, detail }))}
    </script>
    ${detail.open ? body : html`<noscript>${dropIndents(body)}</noscript>`}
  </details>`
}

/** No text of a run contains a line break, and indents are a fifth of the bytes. */
function dropIndents(body: Html): Html {
  return trustMarkup(body.toString().replaceAll(/\s*\n\s*/g, '\n'))
}

interface Shown {
  scale: TimeScale
  shown: readonly Loss[]
  detail: DetailLevel
}

function renderBody(run: ReportedRun, { row }: RunPlace, { scale, shown, detail }: Shown): Html {
  const { analysis, plan } = run
  const account = formatLedger(analysis.ledger)
  const aggregated = formatAggregated(analysis)
  const anchor = getRunAnchor(analysis.runId)
  return html`<div class="body">
    <p class="sentence">${analysis.sentence}</p>
    <div class="facts">
      <p class="hypothesis">
        ${renderDeciding(plan, row)}${row.rounds.length > 1 && ` over ${formatPlural(row.rounds.length, 'round')}`}
      </p>
      <ul class="because" aria-label="Reasons of the verdict">
        ${analysis.because.map((reason) => html`<li>${reason}</li>`)}
      </ul>
      ${renderGates(analysis)}
    </div>
    <p class="ledger ${account.balanced ? '' : 'unbalanced'}">
      <span>${account.planned}</span
      ><span>${account.sent}</span
      >${!account.balanced && html`<strong>The account does not balance: nothing can be concluded from this run.</strong>`}
    </p>
    ${aggregated !== null && html`<p>${aggregated}</p>`}
    <p class="of evidence">${formatEvidenceLevel(analysis.attribution)}</p>
    <figure class="timeline">
      <figcaption>${renderLegend(analysis, scale)}</figcaption>
      <div class="scroll" tabindex="0" role="group" aria-label="Timeline of ${analysis.runId}">
        <div class="lanes">
          ${detail.drawn ? renderTimeline({ ...analysis, shown }, scale, detail.markLimit) : html`<p class="of">The page’s script draws this timeline: there are too many runs to write all of them out.</p>`}
        </div>
        ${analysis.buckets.length > 0 && html`<div class="charts" data-charts></div>`}
      </div>
    </figure>
    ${renderLatencyCurves(analysis.latencyCurves, analysis.runId)}${renderTables(analysis, scale, { written: shown.slice(0, detail.staticRows), drawn: detail.drawn })}
    <p class="source">
      Run <code>${analysis.runId}</code> · seed ${plan.seed} · log in <code>${run.dir}</code> ·
      <a href="${anchor.href}">link to this run</a>
    </p>
  </div>`
}

/** The note beside the name of a run that does not count. */
const partNotes: Record<RunPart, string> = {
  'as-expected': '',
  unexpected: '',
  undecided: '',
  'left-out': ' · left out',
  contradicted: ' · contradicts itself',
  repeated: ' · does not count: the round was repeated',
  missing: '',
}

/** What decides the result of its row. */
function renderDeciding({ configuration }: RunPlan, { gates, result: { held } }: ComparisonRow): Html {
  return gates
    ? html`<b>Gates</b> ${listDecidingGates(gates).join(', ') || 'none that decides'}
        ${renderHeld(markHeld(held, 'gates'))}`
    : html`<b>Expected</b> ${configuration.hypothesis} ${renderHeld(markHeld(held, 'expectation'))}`
}

function renderGates({ gates }: Analysis): Html | false {
  return (
    gates.length > 0 &&
    html`<ul class="because" aria-label="Gates">
      ${gates.map(({ says, met }) => html`<li>${says} ${renderHeld(markHeld(met, 'gates'))}</li>`)}
    </ul>`
  )
}

function createPayload(run: ReportedRun, { scale, shown, detail: { markLimit, showPlace } }: Shown): RunPayload {
  const { analysis } = run
  return {
    runId: analysis.runId,
    name: `${formatConfiguration(analysis, showPlace)}, ${formatRoundName(run)}`,
    configuration: analysis.configuration,
    scale,
    phases: analysis.phases,
    pods: analysis.pods,
    markLimit,
    bucketUs: analysis.bucketUs,
    buckets: analysis.buckets.map(packBucket),
    losses: packLosses(shown.map(shortenDetail)),
    logExcerpts: narrowExcerpts(analysis.logExcerpts, shown).map(packExcerpt),
  }
}

function shortenDetail(loss: Loss): Loss {
  const { detail } = loss.request
  return detail === null ? loss : { ...loss, request: { ...loss.request, detail: formatExcerpt(detail) } }
}

function renderLegend({ losses }: Analysis, scale: TimeScale): Html {
  const present = Map.groupBy(losses, ({ outcome }) => outcome)
  const kinds = [...present]
    .sort((a, b) => b[1].length - a[1].length)
    .map(
      ([outcome, members]) =>
        html`<li>
          ${renderGlyph(outcome)}<span>${outcome}</span> <b>${formatCount(members.length)}</b>
          <span class="of">${getOutcomeLook(outcome).short}</span>
        </li>`,
    )
  const bars = ['starting', 'ready', 'terminating', 'hook', 'stopping'] as const
  const says = {
    starting: 'starting',
    ready: 'ready',
    terminating: 'terminating',
    hook: 'preStop hook',
    stopping: 'signal to exit',
  }
  const states = bars.map(
    (bar) =>
      html`<li>
        <svg class="swatch" width="18" height="10" aria-hidden="true">
          <rect
            class="s-${bar}"
            y="${bar === 'hook' || bar === 'stopping' ? 2.5 : 0}"
            width="18"
            height="${bar === 'hook' || bar === 'stopping' ? 5 : 10}"
          /></svg
        ><span>${says[bar]}</span>
      </li>`,
  )
  const signs = html`<li>
      <svg class="swatch" width="8" height="10" aria-hidden="true"><path class="signal" d="M4 9.5l-3-8h6Z" /></svg
      ><span>stop signal</span>
    </li>
    <li>
      <svg class="swatch" width="4" height="10" aria-hidden="true">
        <rect class="exit" x="1" width="2" height="10" /></svg
      ><span>exit</span>
    </li>`
  const unsure = losses.some(({ pod, attributedBy }) => pod !== null && attributedBy === null)
  const origin = scale.fromDisruption
    ? 'Seconds from the beginning of the disruption.'
    : 'Seconds from the beginning of the log: no disruption began.'
  return html`<p class="of">
      ${origin}${unsure && ' A faint mark stands at the likeliest of several pods.'}<span class="with-script">
        Select a mark for details of the request; arrow keys go to the next.</span
      >
    </p>
    ${
      kinds.length > 0 &&
      html`<ul class="legend lost-kinds" aria-label="Lost requests">
        ${kinds}
      </ul>`
    }
    <ul class="legend" aria-label="States of pods and containers">
      ${states}${signs}
    </ul>`
}
