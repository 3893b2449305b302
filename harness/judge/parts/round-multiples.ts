/** Every round as a small drawing of its losses over time, worst first, all on the same axes. */
import { formatCount, formatDuration, formatPlural } from '../../base/figures.ts'
import { formatConfiguration, hasSeveralPlaces } from '../../model/comparison.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Analysis } from '../../model/result.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatRoundName, listRunsOfRow } from '../report/reported-run.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { getRunAnchor, renderRowName } from '../timeline/badges.ts'
import { formatPixels } from '../timeline/timeline-geometry.ts'

const frame = { width: 168, height: 46 }
/** Maximum number for one row; the other rounds lost less. */
const maxRounds = 60

/** The scales of all drawings: µs from the disruption, and requests lost in a second. */
interface SharedScale {
  fromUs: number
  toUs: number
  mostLost: number
}

/** Empty for a single run, whose own timeline shows it. */
export function renderRoundMultiples(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): Html | false {
  const drawn = runs.filter(({ analysis }) => analysis.buckets.length > 0)
  if (drawn.length < 2) return false
  const scale = createSharedScale(drawn.map(({ analysis }) => analysis))
  const groups = rows.every(({ rounds }) => rounds.length === 1)
    ? [{ title: null, runs: drawn }]
    : rows.map((row) => ({ title: row, runs: listRunsOfRow(row, drawn) }))
  return html`<div class="multiples">
    <p class="of">
      Lost requests over time, the worst first. All drawings share their axes: from ${formatDuration(-scale.fromUs)}
      before the disruption to ${formatDuration(scale.toUs)} after it began, and up to
      ${formatPlural(Math.round(scale.mostLost), 'request')} lost in a second (square-root scale). The shaded part is
      the disruption.
    </p>
    ${groups.map((group) => renderGroup(group.title, group.runs, scale))}
  </div>`
}

function createSharedScale(analyses: readonly Analysis[]): SharedScale {
  let [fromUs, toUs, mostLost] = [-1_000_000, 1_000_000, 1]
  for (const analysis of analyses) {
    const originUs = getOriginUs(analysis)
    const during = analysis.phases.find(({ phase }) => phase === 'during')
    toUs = Math.max(toUs, (during?.toUs ?? 0) - originUs + 1_000_000)
    for (const bucket of analysis.buckets) {
      if (bucket.lost === 0) continue
      fromUs = Math.min(fromUs, bucket.fromUs - originUs)
      toUs = Math.max(toUs, bucket.fromUs + analysis.bucketUs - originUs)
      mostLost = Math.max(mostLost, getLostPerSecond(bucket.lost, analysis))
    }
  }
  return { fromUs, toUs, mostLost }
}

function getOriginUs({ phases }: Analysis): number {
  return phases.find(({ phase }) => phase === 'during')?.fromUs ?? phases[0]?.fromUs ?? 0
}

function getLostPerSecond(lost: number, { bucketUs }: Analysis): number {
  return (lost * 1_000_000) / bucketUs
}

function renderGroup(row: ComparisonRow | null, runs: readonly ReportedRun[], scale: SharedScale): Html | false {
  if (runs.length === 0) return false
  const sorted = runs.toSorted((a, b) => b.analysis.ledger.lost - a.analysis.ledger.lost)
  const shown = sorted.slice(0, maxRounds)
  const rest = sorted.length - shown.length
  const showPlace = hasSeveralPlaces(runs.map(({ analysis }) => analysis))
  const name = (run: ReportedRun): string =>
    row === null ? formatConfiguration(run.analysis, showPlace) : formatRoundName(run)
  return html`${row !== null && html`<h3>${renderRowName(row)}</h3>`}
    <ul class="rounds">
      ${shown.map((run) => html`<li>${renderRound(run, name(run), scale)}</li>`)}
    </ul>
    ${rest > 0 && html`<p class="of">${formatPlural(rest, 'more round')}, which lost no more than these.</p>`}`
}

function renderRound({ analysis }: ReportedRun, name: string, scale: SharedScale): Html {
  const { lost } = analysis.ledger
  return html`<a class="round-card" href="${getRunAnchor(analysis.runId).href}"
    ><span class="name">${name}</span>
    <span class="${lost === 0 ? 'clean' : 'dirty'}">${formatCount(lost)} lost</span>${drawRound(analysis, scale)}</a
  >`
}

function drawRound(analysis: Analysis, { fromUs, toUs, mostLost }: SharedScale): Html {
  const originUs = getOriginUs(analysis)
  const toX = (us: number): number => {
    const share = (us - originUs - fromUs) / (toUs - fromUs)
    return Math.min(1, Math.max(0, share)) * frame.width
  }
  const during = analysis.phases.find(({ phase }) => phase === 'during')
  const band =
    during &&
    html`<rect
      class="phase-during"
      x="${formatPixels(toX(during.fromUs))}"
      width="${formatPixels(toX(during.toUs) - toX(during.fromUs))}"
      height="${frame.height}"
    />`
  const bars = analysis.buckets
    .filter((bucket) => bucket.lost > 0)
    .map((bucket) => {
      const x = toX(bucket.fromUs)
      const width = Math.max(1.5, toX(bucket.fromUs + analysis.bucketUs) - x - 0.3)
      const height = Math.sqrt(getLostPerSecond(bucket.lost, analysis) / mostLost) * (frame.height - 4)
      return `M${formatPixels(x)} ${frame.height}v-${formatPixels(height)}h${formatPixels(width)}V${frame.height}Z`
    })
  return html`<svg
    width="${frame.width}"
    height="${frame.height}"
    viewBox="0 0 ${frame.width} ${frame.height}"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${band}${bars.length > 0 && html`<path class="bars" d="${bars.join('')}" />`}
  </svg>`
}
