/** The page of `nodrop history`: the same input gives the same bytes. */
import { formatDuration, formatList, formatPlural } from '../../base/figures.ts'
import { tellApart } from '../baseline/row-name.ts'
import { isSpreadChange } from '../history/build-history.ts'
import type { HistoryChange, HistoryPoint, HistorySeries } from '../history/build-history.ts'
import { formatDate, formatTime } from '../history/format-time.ts'
import { getStaticAssets } from '../report/assets.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { renderPageFrame } from '../parts/page-frame.ts'
import { formatLoss, renderLatencyChart, renderLossChart } from './history-chart.ts'

/** One file that refers to no other file but the reports it links to. */
export function renderHistoryPage(title: string, series: readonly HistorySeries[]): string {
  const { style, policy } = getStaticAssets('history')
  const answer = formatHistoryAnswer(series)
  const body = html`<header class="page">
      <p class="brand">nodrop <span>${title}</span></p>
      <p class="question">What changed, and since when?</p>
      <h1>${answer}</h1>
    </header>
    <main>${sortSeries(series).map(renderSeries)}</main>`
  return renderPageFrame({ title, answer, style, policy }, body)
}

/** One sentence about the latest change of each configuration: `graceful loses more since 2026-11-12 (rollout)`. */
export function formatHistoryAnswer(series: readonly HistorySeries[]): string {
  const comparisons = new Set(series.flatMap(({ points }) => points.map(({ comparison }) => comparison))).size
  const changed = tellApart(series).filter(({ changes }) => changes.length > 0)
  if (changed.length === 0) return `No change found in ${formatPlural(comparisons, 'comparison')}`
  return formatList(
    changed.map(({ scenario, configuration, onCluster, changes }) => {
      const [latest] = changes.toSorted((a, b) => (a.comparison < b.comparison ? 1 : -1))
      return `${configuration} ${describeChange(latest!)} (${[scenario, ...(onCluster ? [onCluster] : [])].join(', ')})`
    }),
  )
}

function describeChange(change: HistoryChange): string {
  const { figure, before, after, comparison } = change
  const since = `since ${formatDate(comparison)}`
  if (isSpreadChange(change))
    return `${figure === 'lost' ? 'loses as much' : 'is as fast'}, and varies otherwise, ${since}`
  const isMore = after > before
  return `${figure === 'lost' ? `loses ${isMore ? 'more' : 'less'}` : `is ${isMore ? 'slower' : 'faster'}`} ${since}`
}

/** Series that changed come first. */
function sortSeries(series: readonly HistorySeries[]): HistorySeries[] {
  return series.toSorted((a, b) => Number(b.changes.length > 0) - Number(a.changes.length > 0))
}

function renderSeries(series: HistorySeries): Html {
  const { scenario, configuration, cluster, points, sentence } = series
  return html`<section class="series">
    <h2>${configuration} <span>${scenario}, ${cluster}</span></h2>
    <p>${sentence}.</p>
    <div class="charts">${renderLossChart(series)}${renderLatencyChart(series)}</div>
    <details>
      <summary>${formatPlural(points.length, 'comparison')}, the latest first</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Comparisons of ${scenario} × ${configuration}">
        <table>
          <thead>
            <tr>
              <th scope="col">comparison</th>
              <th scope="col">lost</th>
              <th scope="col">p99</th>
            </tr>
          </thead>
          <tbody>
            ${points.toReversed().map(renderPoint)}
          </tbody>
        </table>
      </div>
    </details>
  </section>`
}

function renderPoint(point: HistoryPoint): Html {
  const { comparison, report, p99Us } = point
  return html`<tr>
    <td>${report === null ? formatTime(comparison) : html`<a href="${report}">${formatTime(comparison)}</a>`}</td>
    <td>${formatLoss(point)}</td>
    <td>${formatDuration(p99Us)}</td>
  </tr>`
}
