/** The figures of every drawing, as tables. */
import type { Analysis, Loss, PodTimeline, Quantiles, RequestResult } from '../../model/result.ts'
import { renderBucketTable } from './bucket-table.ts'
import { renderClaimsTable } from './claims-table.ts'
import { html, showInvisible, trustMarkup } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatCount, formatDuration, formatInstant, formatPercent, formatPlural } from '../../base/figures.ts'
import type { TimeScale } from '../timeline/timeline-geometry.ts'
import { lossColumns } from '../timeline/loss-columns.ts'
import { createHeads, renderTableRow, getRunAnchor, renderTableDetails } from '../timeline/badges.ts'
import { sortByDue, formatRequestName } from '../losses/payload.ts'
import { renderAttributionTable } from './attribution-table.ts'
import { renderMarginTable } from './margin-table.ts'
import { renderServersTable } from './servers-table.ts'
import { renderToolTableOfRun } from './tool-tables.ts'

/**
 * All tables of a run. If only some of its lost requests are `written`, the page's list of all lost requests has the others. What is not
 * `drawn` is drawn by the page's script, which adds the table too.
 */
export function renderTables(
  analysis: Analysis,
  scale: TimeScale,
  { written = sortByDue(analysis.losses), drawn = true }: { written?: readonly Loss[]; drawn?: boolean } = {},
): Html {
  const lost = analysis.losses.length > 0
  return html`<div class="tables">
    ${renderClaimsTable(analysis)}${lost && renderLossTable(analysis, scale, written)}${lost && renderCrossTable(analysis)}${renderAttributionTable(analysis.attribution)}${analysis.requests && renderRequestTable(analysis.requests)}${analysis.servers && renderServersTable(analysis.servers, analysis.network)}${drawn && renderToolTableOfRun(analysis)}${renderLatencyTable(analysis)}${renderLagTable(analysis)}${renderMarginTable(analysis.margins)}${renderPodTable(analysis.pods, scale)}${renderOutageTable(analysis, scale)}${drawn && renderBucketTable(analysis, scale)}
  </div>`
}

function renderLossTable(analysis: Analysis, scale: TimeScale, written: readonly Loss[]): Html {
  const { href } = getRunAnchor(analysis.runId)
  const rows = written.map((loss) => {
    const name = formatRequestName(loss.request)
    const cells = lossColumns.map(
      ({ numeric, value }) => html`<td${trustMarkup(numeric ? ' class="n"' : '')}>${value(loss, scale)}</td>`,
    )
    return html`<tr>
      <th scope="row"><a href="${href}&req=${name}">${name}</a></th>
      ${cells}
    </tr>`
  })
  const total = analysis.losses.length
  const foot = html`<p class="of">
    ${written.length < total && `${formatCount(written.length)} of ${formatCount(total)}. `}<a
      class="with-script"
      href="#requests&run=${encodeURIComponent(showInvisible(analysis.runId))}"
      >Filter them in the list of all lost requests</a
    >
  </p>`
  return html`<div data-losses>
    ${renderTableDetails(`Every lost request (${formatCount(total)})`, [{ title: 'request', numeric: false }, ...lossColumns], rows, foot)}
  </div>`
}

function renderCrossTable({ losses }: Analysis): Html {
  const groups = Map.groupBy(losses, ({ outcome, request, pod }) => JSON.stringify([outcome, request.lane, pod]))
  const rows = [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .flatMap((members) => {
      const [first] = members
      if (first === undefined) return []
      const resent = members.filter(({ retriedBy }) => retriedBy.includes('go')).length
      return [
        renderTableRow(
          [
            first.outcome,
            first.request.lane,
            first.pod ?? 'not attributed',
            formatCount(members.length),
            formatCount(resent),
          ],
          3,
        ),
      ]
    })
  return renderTableDetails(
    'Losses by outcome, lane and pod',
    createHeads(['outcome', 'lane', 'pod', 'lost', 'sent again by Go'], 3),
    rows,
  )
}

function renderRequestTable(requests: readonly RequestResult[]): Html {
  const rows = requests.map(({ name, weight, sent, lost, outcomes }) => {
    const kinds = Object.entries(outcomes).sort((a, b) => b[1] - a[1])
    const says = kinds.map(([outcome, count]) => `${outcome} ${formatCount(count)}`).join(' · ')
    return renderTableRow(
      [name, says || '–', formatCount(weight), formatCount(sent), formatCount(lost), formatPercent(lost, sent)],
      2,
    )
  })
  const heads = createHeads(['request', 'outcomes', 'weight', 'sent', 'lost', 'share'], 2)
  return renderTableDetails('Losses by request', heads, rows)
}

function renderLatencyTable({ lanes, latency, sendLag }: Analysis): Html {
  const cells = (quantiles: Quantiles) => [
    formatCount(quantiles.count),
    ...[quantiles.p50Us, quantiles.p90Us, quantiles.p99Us, quantiles.p999Us, quantiles.maxUs].map(formatDuration),
  ]
  const rows = lanes.flatMap(({ lane, latency: all, byPhase }) => [
    renderTableRow([lane, 'all', ...cells(all)], 2),
    ...(['before', 'during', 'after'] as const).map((phase) =>
      renderTableRow([lane, phase, ...cells(byPhase[phase])], 2),
    ),
  ])
  const all = lanes.some(({ lane }) => lane === 'control') ? 'all but control' : 'all lanes'
  const lag = renderTableRow(['send lag', 'all', ...cells(sendLag)], 2)
  return renderTableDetails(
    'Latency by lane and phase',
    createHeads(['lane', 'phase', 'requests', 'p50', 'p90', 'p99', 'p99.9', 'max'], 2),
    [...rows, renderTableRow([all, 'all', ...cells(latency)], 2), lag],
  )
}

function renderPodTable(pods: readonly PodTimeline[], scale: TimeScale): Html {
  const rows = pods.flatMap((pod) => {
    const own: [string, string, number | null, string, string][] = [
      ['', 'created', pod.createdUs, 'watch', ''],
      ['', 'ready', pod.readyUs, 'watch', ''],
      ['', 'deletion', pod.deletionUs, 'watch', ''],
      ['', 'endpoint-removed', pod.endpointRemovedUs, 'watch', ''],
      ['', 'removed-from-proxy', pod.removedFromProxyUs, 'kube-proxy', ''],
      ['', 'last fresh connection', pod.lastFreshUs, 'driver', ''],
      ['', 'last connection led to it', pod.lastLedUs, 'kernel', ''],
      ['', 'gone', pod.goneUs, 'watch', ''],
    ]
    const inside = pod.containers.flatMap(({ name, moments }) =>
      moments.map(({ moment, atUs, errorUs, source, detail }): (typeof own)[number] => [
        name,
        moment,
        atUs,
        `${source} ±${formatDuration(errorUs)}`,
        detail ?? '',
      ]),
    )
    return [...own, ...inside]
      .filter((row): row is [string, string, number, string, string] => row[2] !== null)
      .sort((a, b) => a[2] - b[2])
      .map(([container, moment, us, source, detail]) => {
        const age = pod.old ? 'old' : 'new'
        const at = formatInstant(us, scale.originUs)
        return renderTableRow([pod.pod, age, pod.node ?? '–', container, moment, at, source, detail], 5)
      })
  })
  return renderTableDetails(
    `Moments of ${formatPlural(pods.length, 'pod')}`,
    createHeads(['pod', 'age', 'node', 'container', 'moment', 'at', 'source', 'detail'], 5),
    rows,
  )
}

function renderLagTable({ endpointLags: lags, lossOrigins }: Analysis): Html | null {
  if (lags.length === 0) return null
  const rows = lags.map(({ pod, sinceDeletionUs, sinceEndpointRemovedUs, atLeast }) =>
    renderTableRow([
      pod,
      formatDuration(sinceDeletionUs),
      formatDuration(sinceEndpointRemovedUs),
      atLeast ? 'or longer: its servers stopped' : '',
    ]),
  )
  const throughController = lossOrigins !== null
  const last = throughController
    ? 'request that the pod answered or, where the kernel tells of them, connection that the controller opened to it'
    : 'new connection that the kernel led to the pod or, where that is not told, that the pod answered'
  const foot = html`<p class="of">Counted to the last ${last}. A preStop hook that sleeps must outlast this.</p>`
  const heads = createHeads(['pod', 'since its deletion', 'since its endpoint was removed', 'note'])
  const what = throughController ? 'requests' : 'new connections'
  return renderTableDetails(`How long ${what} still reached leaving pods`, heads, rows, foot)
}

function renderOutageTable({ outages, waited }: Analysis, scale: TimeScale): Html | null {
  if (outages.length === 0) return null
  const rows = outages.map(({ fromUs, toUs, lost, waited: late, longestWaitUs }) =>
    renderTableRow(
      [
        formatInstant(fromUs, scale.originUs),
        formatInstant(toUs, scale.originUs),
        formatDuration(toUs - fromUs),
        formatCount(lost),
        formatCount(late),
        late === 0 ? '–' : formatDuration(longestWaitUs),
      ],
      1,
    ),
  )
  const foot = html`<p class="of">
    From when a request was due that was lost or waited, to when the next was due that did neither. A request waited if
    its answer came more than ${formatDuration(waited.overUs)} after it was due.
  </p>`
  return renderTableDetails(
    'Outages',
    createHeads(['from', 'to', 'lasted', 'lost', 'waited', 'longest wait'], 0),
    rows,
    foot,
  )
}
