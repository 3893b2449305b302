/** The claims on which a run's verdict rests, each with its figures: what was held against what. */
import { conclusions as all } from '../../model/claims.ts'
import type { ClaimResult, Conclusion, Figure } from '../../model/claims.ts'
import type { Analysis } from '../../model/result.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { count, duration, listed, plural, share } from '../report/format.ts'
import { headsOf, rowOf, tableDetails } from '../timeline/badges.ts'

const conclusionSays: Record<Conclusion, string> = {
  'some-lost': 'that requests were lost',
  'none-lost': 'that none was lost',
  'how-many': 'how many were lost',
  'how-late': 'latencies',
  whose: 'which pods the losses belong to',
}

/** Those that do not hold first; nothing for an analysis without claims. */
export function claimsTable({ claims, voided }: Pick<Analysis, 'claims' | 'voided'>): Html | false {
  if (claims.length === 0) return false
  const broken = claims.filter(({ holds }) => !holds)
  const rows = [...broken, ...claims.filter(({ holds }) => holds)].map(claimRow)
  const title =
    broken.length === 0
      ? `What the verdict rests on: ${plural(claims.length, 'claim')}, and ${claims.length === 1 ? 'it holds' : 'all of them hold'}`
      : `What the verdict rests on: ${count(broken.length)} of ${count(claims.length)} claims do${broken.length === 1 ? 'es' : ''} not hold`
  const foot = html`<p class="of">
    ${
      voided.length === 0
        ? 'What rests on a claim is not concluded where that claim does not hold.'
        : `Not concluded: ${listed(voided.map((one) => conclusionSays[one]))}.`
    }
  </p>`
  const table = tableDetails(title, headsOf(['claim', 'holds', 'found', 'what rests on it'], 4), rows, foot)
  return html`<div class="prose">${table}</div>`
}

function claimRow({ says, holds, complaints, figures, conclusions }: ClaimResult): Html {
  return rowOf(
    [
      says,
      holds ? html`<span class="verdict v-passed">✓ yes</span>` : html`<span class="verdict v-unknown">✗ no</span>`,
      html`${complaints.map((complaint) => html`<strong>${complaint}</strong><br />`)}${figures.map(figureSays).join('; ')}`,
      conclusions.length === all.length ? 'everything' : conclusions.map((one) => conclusionSays[one]).join(', '),
    ],
    4,
  )
}

const amounts: Record<Figure['unit'], (value: number) => string> = {
  count,
  us: duration,
  share: (value) => share(value, 1),
}

/** `longest send lag 12.3 ms of at most 1.00 s`. */
function figureSays({ name, unit, value, limit }: Figure): string {
  const amount = value === null ? 'unknown' : amounts[unit](value)
  return `${name} ${amount}${limit === null ? '' : ` (at most ${amounts[unit](limit)})`}`
}
