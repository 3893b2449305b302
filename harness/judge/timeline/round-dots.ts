/** The rounds of a row as dots on one scale: the further right, the more requests were lost. */
import type { ComparisonRow, RoundResult } from '../../model/comparison.ts'
import { html, trustMarkup } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatCount } from '../../base/figures.ts'
import { formatPixels } from './timeline-geometry.ts'
import { getRunAnchor } from './badges.ts'

const dotPlot = { width: 132, margin: 6 }

/** The right end of the scale that all rows share; at least 1. */
export function findMostLost(rows: readonly ComparisonRow[]): number {
  return rows.reduce((top, { rounds }) => Math.max(top, ...rounds.map(({ lost }) => lost)), 1)
}

/** Whether the row has a dot for a round that does not count. */
export function hasUncountedRounds({ rounds }: ComparisonRow): boolean {
  return rounds.some((round) => hasSent(round) && round.state !== 'judged')
}

/** A round in which nothing was sent has no position on the scale. */
function hasSent({ sent }: RoundResult): boolean {
  return sent > 0
}

export function renderRoundDots(rounds: readonly RoundResult[], most: number): Html {
  const seen = rounds.filter(hasSent)
  if (seen.length === 0) return html``
  const { width, margin } = dotPlot
  const height = rounds.length > 1 ? 26 : 16
  const scaleLost = (lost: number): number => margin + Math.sqrt(lost / most) * (width - 2 * margin)
  const taken = new Map<number, number>()
  const dots = seen.map((round) => {
    const x = scaleLost(round.lost)
    const column = Math.round(x / 7)
    const level = taken.get(column) ?? 0
    taken.set(column, level + 1)
    return renderDot(round, x, height - 7 - (level % 3) * 6)
  })
  const judged = seen.filter(({ state }) => state === 'judged').map(({ lost }) => lost)
  const reach = Math.max(0, ...judged)
  const bar = trustMarkup(
    `<rect x="${margin}" y="${height - 3}" width="${formatPixels(scaleLost(reach) - margin)}" height="3" class="reach" />`,
  )
  return html`<svg
    class="dots"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
    role="group"
    aria-label="Lost in each round: ${seen.map(({ lost }) => formatCount(lost)).join(', ')}"
  >
    <rect x="${margin}" y="${height - 3}" width="${width - 2 * margin}" height="3" class="track" />
    ${reach > 0 && bar}${dots}
  </svg>`
}

function renderDot(round: RoundResult, x: number, y: number): Html {
  const kind = round.state === 'judged' ? (round.lost === 0 ? 'none' : 'some') : 'apart'
  const apart =
    round.state === 'judged' ? '' : `, ${round.state === 'missing' ? 'missing' : 'left out'}: ${round.because}`
  const says = `round ${round.round}: ${formatCount(round.lost)} lost${apart}`
  return html`<a href="${getRunAnchor(round.runId).href}" aria-label="${says}"
    ><circle cx="${formatPixels(x)}" cy="${y}" r="3.4" class="dot ${kind}"><title>${says}</title></circle></a
  >`
}
