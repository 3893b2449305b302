/** How it was measured: versions and conditions, the claims over all runs, and how long leaving pods still got connections. */
import { formatCount, formatDuration, formatDurationRange, formatPlural } from '../../base/figures.ts'
import { formatConfiguration, hasSeveralPlaces } from '../../model/comparison.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import type { ClaimResult } from '../../model/claims.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatRoundName, listRunsOfRow } from '../report/reported-run.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { renderConditions } from '../tables/conditions.ts'
import { renderToolTables } from '../tables/tool-tables.ts'
import { createHeads, getRunAnchor, renderPlainTable, renderRowName } from '../timeline/badges.ts'

/** Maximum number of links to runs in which a claim does not hold; further ones are counted. */
const maxLinks = 12

/** What all runs have in common; each run's own figures are in its section. */
export function renderMeasured(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): Html {
  return html`<div class="card">${renderConditions(runs)}</div>
    ${renderClaims(runs)}${renderLags(rows, runs)}${renderToolTables(rows)}`
}

/** Each claim once; first those that do not hold in some run. */
function renderClaims(runs: readonly ReportedRun[]): Html | false {
  const held = Map.groupBy(
    runs.flatMap((run) => run.analysis.claims.map((claim) => ({ run, claim }))),
    ({ claim }) => claim.says,
  )
  if (held.size === 0) return false
  const broken = (uses: readonly { claim: ClaimResult }[]): number => uses.filter(({ claim }) => !claim.holds).length
  const sorted = [...held].sort(([, one], [, other]) => broken(other) - broken(one))
  const showPlace = hasSeveralPlaces(runs.map(({ analysis }) => analysis))
  const judged = runs.filter(({ analysis }) => analysis.claims.length > 0).length
  return html`<h3 id="claims">What the verdicts rest on</h3>
    <p class="of">
      Each claim must hold of a run before what rests on it is concluded; the section of a run has the figures.
      ${formatPlural(judged, 'run')} judged.
    </p>
    ${renderPlainTable(
      'What the verdicts rest on',
      createHeads(['claim', 'holds in', 'not in'], Infinity),
      sorted.map(([says, uses]) => renderClaim(says, uses, showPlace)),
    )}`
}

function renderClaim(
  says: string,
  uses: readonly { run: ReportedRun; claim: ClaimResult }[],
  showPlace: boolean,
): Html {
  const broken = uses.filter(({ claim }) => !claim.holds)
  const holds = uses.length - broken.length
  const sign =
    broken.length === 0
      ? html`<span class="verdict v-passed">✓ all ${formatCount(uses.length)}</span>`
      : html`<span class="verdict v-unknown">✗ ${formatCount(holds)} of ${formatCount(uses.length)}</span>`
  const links = broken
    .slice(0, maxLinks)
    .map(
      ({ run, claim }, place) =>
        html`${place > 0 && ', '}<a
            href="${getRunAnchor(run.analysis.runId).href}&show=what-the-verdict-rests-on"
            title="${claim.problems.join('; ')}"
            >${formatConfiguration(run.analysis, showPlace)}, ${formatRoundName(run)}</a
          >`,
    )
  const rest = broken.length - links.length
  return html`<tr>
    <th scope="row">${says}</th>
    <td>${sign}</td>
    <td>${links}${rest > 0 && html` and ${formatPlural(rest, 'more run')}`}</td>
  </tr>`
}

/** For all pods that left in the runs of a row. */
function renderLags(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): Html | false {
  const lines = rows.flatMap((row) => {
    const own = listRunsOfRow(row, runs).map(({ analysis }) => analysis)
    const since = own.flatMap(({ endpointLags }) => endpointLags.map(({ sinceDeletionUs }) => sinceDeletionUs))
    if (since.length === 0) return []
    const removed = own.flatMap(({ endpointLags }) =>
      endpointLags.flatMap(({ sinceEndpointRemovedUs: us }) => (us === null ? [] : [us])),
    )
    const open = own.some(({ endpointLags }) => endpointLags.some(({ atLeast }) => atLeast))
    return [
      html`<tr>
        <th scope="row">${renderRowName(row)}</th>
        <td class="n">${formatCount(since.length)}</td>
        <td class="n">${formatRange(since)}</td>
        <td class="n">${formatRange(removed)}</td>
        <td>${open && 'or longer, where its servers stopped before'}</td>
      </tr>`,
    ]
  })
  if (lines.length === 0) return false
  const heads = [
    { title: 'configuration', numeric: false },
    ...createHeads(['pods', 'since deletion', 'since its endpoint was removed'], 0),
    { title: 'note', numeric: false },
  ]
  return html`<h3 id="endpoint-lag">How long new connections still reached leaving pods</h3>
    <p class="of">
      The endpoint lag: until the last new connection, of all pods that left. A preStop hook that sleeps must outlast
      it.
    </p>
    ${renderPlainTable('Endpoint lag', heads, lines)}`
}

function formatRange(us: readonly number[]): string {
  const sorted = us.toSorted((a, b) => a - b)
  const [least, most] = [sorted[0], sorted.at(-1)]
  if (least === undefined || most === undefined) return formatDuration(null)
  return least < 0 ? `${formatDuration(least)} to ${formatDuration(most)}` : formatDurationRange(least, most)
}
