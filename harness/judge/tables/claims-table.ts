/** The claims that a run's verdict depends on, with the figures that were compared. */
import { conclusions as all } from '../../model/claims.ts'
import type { ClaimResult, Conclusion, Figure } from '../../model/claims.ts'
import type { Analysis } from '../../model/result.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatCount, formatDuration, formatList, formatPercent, formatPlural } from '../../base/figures.ts'
import { createHeads, renderTableRow, renderTableDetails } from '../timeline/badges.ts'

const conclusionPhrases: Record<Conclusion, string> = {
  'some-lost': 'that requests were lost',
  'none-lost': 'that none was lost',
  'how-many': 'how many were lost',
  'how-late': 'latencies',
  whose: 'which pods the losses belong to',
}

/** First the claims that do not hold; empty for an analysis without claims. */
export function renderClaimsTable({ claims, voided }: Pick<Analysis, 'claims' | 'voided'>): Html | false {
  if (claims.length === 0) return false
  const broken = claims.filter(({ holds }) => !holds)
  const rows = [...broken, ...claims.filter(({ holds }) => holds)].map(renderClaimRow)
  const title =
    broken.length === 0
      ? `What the verdict rests on: ${formatPlural(claims.length, 'claim')}, and ${claims.length === 1 ? 'it holds' : 'all of them hold'}`
      : `What the verdict rests on: ${formatCount(broken.length)} of ${formatCount(claims.length)} claims do${broken.length === 1 ? 'es' : ''} not hold`
  const foot = html`<p class="of">
    ${
      voided.length === 0
        ? 'What rests on a claim is not concluded where that claim does not hold.'
        : `Not concluded: ${formatList(voided.map((one) => conclusionPhrases[one]))}.`
    }
  </p>`
  const table = renderTableDetails(title, createHeads(['claim', 'holds', 'found', 'what rests on it'], 4), rows, foot)
  return html`<div class="prose">${table}</div>`
}

function renderClaimRow({ says, holds, problems, figures, conclusions }: ClaimResult): Html {
  return renderTableRow(
    [
      says,
      holds ? html`<span class="verdict v-passed">✓ yes</span>` : html`<span class="verdict v-unknown">✗ no</span>`,
      html`${problems.map((problem) => html`<strong>${problem}</strong><br />`)}${figures.map(formatFigure).join('; ')}`,
      conclusions.length === all.length ? 'everything' : conclusions.map((one) => conclusionPhrases[one]).join(', '),
    ],
    4,
  )
}

const figureFormatters: Record<Figure['unit'], (value: number) => string> = {
  count: formatCount,
  us: formatDuration,
  share: (value) => formatPercent(value, 1),
}

/** `longest send lag 12.3 ms of at most 1.00 s`. */
function formatFigure({ name, unit, value, limit }: Figure): string {
  const amount = value === null ? 'unknown' : figureFormatters[unit](value)
  return `${name} ${amount}${limit === null ? '' : ` (at most ${figureFormatters[unit](limit)})`}`
}
