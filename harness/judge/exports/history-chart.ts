/** A series of the history as a chart that needs no script. */
import { formatDuration, formatPlural } from '../../base/figures.ts'
import type { HistoryChange, HistoryPoint, HistorySeries } from '../history/build-history.ts'
import { formatDate } from '../history/format-time.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'

/** In the units of the view box. */
const width = 520
const height = 132
const edge = { left: 64, right: 12, top: 18, bottom: 22 }

interface Mark {
  place: number
  value: number
  low: number
  high: number
  look: 'none' | 'some' | 'time'
  title: string
}

export function renderLossChart({ points, changes }: HistorySeries): Html {
  const marks = points.map((point, place): Mark => {
    const { mean, min, max } = point.lost
    const look = point.roundsWithLoss === 0 ? 'none' : 'some'
    return { place, value: mean, low: min, high: max, look, title: `${point.comparison}: ${formatLoss(point)}` }
  })
  const format = (value: number): string => String(Number(value.toPrecision(3)))
  return renderChart('Lost per round: mean and range', {
    points,
    marks,
    format,
    changes: selectChanges(changes, 'lost'),
  })
}

export function renderLatencyChart({ points, changes }: HistorySeries): Html | null {
  const marks = points.flatMap((point, place): Mark[] => {
    const { p99Us, comparison } = point
    if (p99Us === null) return []
    const title = `${comparison}: p99 ${formatDuration(p99Us)}`
    return [{ place, value: p99Us, low: p99Us, high: p99Us, look: 'time', title }]
  })
  if (marks.length === 0) return null
  const format = (value: number): string => formatDuration(Math.round(value))
  return renderChart('p99 of good answers: median over rounds', {
    points,
    marks,
    format,
    changes: selectChanges(changes, 'p99Us'),
  })
}

export function formatLoss({ lost, rounds, roundsWithLoss }: HistoryPoint): string {
  const mean = Number(lost.mean.toPrecision(3))
  return `${mean} lost per round (${lost.min} to ${lost.max}), in ${roundsWithLoss} of ${formatPlural(rounds, 'round')}`
}

function selectChanges(changes: readonly HistoryChange[], figure: HistoryChange['figure']): HistoryChange[] {
  return changes.filter((change) => change.figure === figure)
}

function renderChart(
  caption: string,
  what: {
    points: readonly HistoryPoint[]
    marks: readonly Mark[]
    changes: readonly HistoryChange[]
    format: (value: number) => string
  },
): Html {
  const { points, marks, changes, format } = what
  const most = Math.max(...marks.map(({ high }) => high)) || 1
  const x = (place: number): string =>
    formatTenths(edge.left + ((place + 0.5) / points.length) * (width - edge.left - edge.right))
  const y = (value: number): string =>
    formatTenths(height - edge.bottom - (value / most) * (height - edge.top - edge.bottom))
  const base = height - edge.bottom
  const first = points[0]!.comparison
  const last = points.at(-1)!.comparison
  return html`<figure>
    <figcaption>${caption}</figcaption>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${caption}, ${first} to ${last}">
      <line class="axis" x1="${edge.left}" y1="${base}" x2="${width - edge.right}" y2="${base}" />
      <text x="${edge.left - 6}" y="${edge.top + 4}" text-anchor="end">${format(most)}</text>
      <text x="${edge.left - 6}" y="${base}" text-anchor="end">0</text>
      <text x="${edge.left}" y="${height - 6}">${formatDate(first)}</text>
      ${points.length > 1 && html`<text x="${width - edge.right}" y="${height - 6}" text-anchor="end">${formatDate(last)}</text>`}
      ${changes.map((change) => {
        const at = points.findIndex(({ comparison }) => comparison === change.comparison)
        return html`<line class="change" x1="${x(at - 0.5)}" y1="${edge.top}" x2="${x(at - 0.5)}" y2="${base}" />
          <text class="since" x="${x(at - 0.5)}" y="12" text-anchor="${at > points.length / 2 ? 'end' : 'start'}">
            since ${formatDate(change.comparison)}
          </text>`
      })}
      ${marks.map(
        ({ place, value, low, high, look, title }) =>
          html`<g>
            <title>${title}</title>
            ${high > low && html`<line class="range" x1="${x(place)}" y1="${y(low)}" x2="${x(place)}" y2="${y(high)}" />`}
            <circle class="${look}" cx="${x(place)}" cy="${y(value)}" r="3.2" />
          </g>`,
      )}
    </svg>
  </figure>`
}

function formatTenths(value: number): string {
  return String(Math.round(value * 10) / 10)
}
