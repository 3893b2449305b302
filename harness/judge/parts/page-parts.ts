/** The parts below the first screen: what happened, why, every request, and how it was measured. */
import { hasSeveralPlaces } from '../../model/comparison.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { formatCount } from '../../base/figures.ts'
import { renderDiffs } from '../diff/render-diffs.ts'
import { shareShownLosses } from '../losses/shown-losses.ts'
import { renderBriefSection } from '../report/brief-section.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { findRunPlace } from '../report/reported-run.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { renderRowName } from '../timeline/badges.ts'
import { renderRunSection } from '../timeline/run-section.ts'
import { renderMeasured } from './measured-part.ts'
import { renderPart } from './page-bar.ts'
import type { PagePart } from './page-bar.ts'
import { renderPairs } from './pair-payload.ts'
import { renderRoundMultiples } from './round-multiples.ts'

/** A report without runs has only its first screen; a single configuration has nothing to be compared with. */
export function listParts(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): PagePart[] {
  if (runs.length === 0) return ['safe']
  return ['safe', 'happened', ...(rows.length > 1 ? ['why' as const] : []), 'requests', 'measured']
}

export function renderParts(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): Html {
  const content: Record<PagePart, () => Html | null> = {
    safe: () => null,
    happened: () =>
      html`${renderRoundMultiples(rows, runs)}
        <div class="runs">${renderSections(runs, rows)}</div>`,
    why: () => html`${renderCauses(rows)}${renderDiffs(rows, runs)}${renderPairs(rows, runs)}`,
    requests: () => renderRequests(runs),
    measured: () => renderMeasured(rows, runs),
  }
  return html`${listParts(rows, runs).map((part) => {
    const own = content[part]()
    return own && renderPart(part, own)
  })}`
}

/** The cause of each row, as concluded from what was seen. */
function renderCauses(rows: readonly ComparisonRow[]): Html | false {
  const told = rows.filter(({ cause }) => cause.length > 0)
  return (
    told.length > 0 &&
    html`<dl class="card causes">
      ${told.map(
        (row) =>
          html`<div>
            <dt>${renderRowName(row)}</dt>
            <dd>${row.cause.join(' ')}</dd>
          </div>`,
      )}
    </dl>`
  )
}

/** The page's script makes the list: it filters the losses in the sections of the runs. */
function renderRequests(runs: readonly ReportedRun[]): Html {
  const lost = runs.map(({ analysis }) => analysis.losses.length)
  const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0)
  const [all, shown] = [sum(lost), sum(shareShownLosses(lost))]
  // In a run that could not be judged, more may have been lost than were seen.
  const isKnown = runs.every(({ analysis }) => analysis.verdict !== 'unknown')
  if (all === 0) return html`<p>${isKnown ? 'No request was lost.' : 'No lost request was seen.'}</p>`
  const rest =
    shown < all &&
    html`<p class="of">
      The page has about ${formatCount(shown)} of the ${formatCount(all)} lost requests, some of every kind and pod;
      <code>analysis.json</code> of each run has all.
    </p>`
  return html`<noscript
      ><p class="of">
        Filters need the page’s script. The lost requests of each run stand in its section above.
      </p></noscript
    >
    ${rest}
    <div class="card list" data-requests></div>`
}

/** With more runs, only the open one is drawn in advance. */
const maxDrawn = 12

/** All runs share the capacity of one page; the first run with losses is open, as an example. */
function renderSections(runs: readonly ReportedRun[], rows: readonly ComparisonRow[]): Html {
  const example = Math.max(
    0,
    runs.findIndex(({ analysis }) => analysis.losses.length > 0),
  )
  const showPlace = hasSeveralPlaces(rows)
  const markLimit = Math.min(1_500, Math.floor(9_000 / runs.length))
  const staticRows = Math.max(20, Math.min(200, Math.floor(1_200 / runs.length)))
  const shares = shareShownLosses(runs.map(({ analysis }) => analysis.losses.length))
  return html`${runs.map((run, index) => {
    if (run.analysis.ending === 'never-began') return renderBriefSection(run, 'did not happen')
    const open = index === example
    const drawn = open || runs.length <= maxDrawn
    const detail = { open, markLimit, staticRows, shownLosses: shares[index] ?? 0, drawn, showPlace }
    try {
      return renderRunSection(run, findRunPlace(run, rows), detail)
    } catch (error) {
      // An error in one run does not hide the others.
      return renderBriefSection(run, `cannot be drawn: ${error instanceof Error ? error.message : String(error)}`)
    }
  })}`
}
