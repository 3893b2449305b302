/** The rounds of a row as dots on one scale: the further right, the more requests were lost. */
import type { ComparisonRow, RoundResult } from '../../model/comparison.ts'
import { html, trusted } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { count, px } from '../report/format.ts'
import { runAnchor } from './badges.ts'

const plot = { width: 132, margin: 6 }

/** The right end of the scale that all rows share; at least 1. */
export function mostLost(rows: readonly ComparisonRow[]): number {
  return rows.reduce((top, { rounds }) => Math.max(top, ...rounds.map(({ lost }) => lost)), 1)
}

/** Whether a round of the row does not count and yet has its dot. */
export function hasApart({ rounds }: ComparisonRow): boolean {
  return rounds.some((round) => isSeen(round) && round.state !== 'judged')
}

/** A round in which nothing was sent has no place on the scale. */
function isSeen({ sent }: RoundResult): boolean {
  return sent > 0
}

export function roundDots(rounds: readonly RoundResult[], most: number): Html {
  const seen = rounds.filter(isSeen)
  if (seen.length === 0) return html``
  const { width, margin } = plot
  const height = rounds.length > 1 ? 26 : 16
  const scale = (lost: number): number => margin + Math.sqrt(lost / most) * (width - 2 * margin)
  const taken = new Map<number, number>()
  const dots = seen.map((round) => {
    const x = scale(round.lost)
    const column = Math.round(x / 7)
    const level = taken.get(column) ?? 0
    taken.set(column, level + 1)
    return dotAt(round, x, height - 7 - (level % 3) * 6)
  })
  const judged = seen.filter(({ state }) => state === 'judged').map(({ lost }) => lost)
  const reach = Math.max(0, ...judged)
  const bar = trusted(
    `<rect x="${margin}" y="${height - 3}" width="${px(scale(reach) - margin)}" height="3" class="reach" />`,
  )
  return html`<svg
    class="dots"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
    role="group"
    aria-label="Lost in each round: ${seen.map(({ lost }) => count(lost)).join(', ')}"
  >
    <rect x="${margin}" y="${height - 3}" width="${width - 2 * margin}" height="3" class="track" />
    ${reach > 0 && bar}${dots}
  </svg>`
}

function dotAt(round: RoundResult, x: number, y: number): Html {
  const kind = round.state === 'judged' ? (round.lost === 0 ? 'none' : 'some') : 'apart'
  const apart =
    round.state === 'judged' ? '' : `, ${round.state === 'missing' ? 'missing' : 'left out'}: ${round.because}`
  const says = `round ${round.round}: ${count(round.lost)} lost${apart}`
  return html`<a href="${runAnchor(round.runId).href}" aria-label="${says}"
    ><circle cx="${px(x)}" cy="${y}" r="3.4" class="dot ${kind}"><title>${says}</title></circle></a
  >`
}
