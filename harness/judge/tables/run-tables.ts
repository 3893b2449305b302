/** The figures behind every drawing, as tables. */
import type { Analysis, EndpointLag, PodLife, Quantiles } from '../../model/result.ts'
import { claimsTable } from './claims-table.ts'
import { html, trusted } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { count, duration, instant, plural } from '../report/format.ts'
import type { TimeScale } from '../timeline/timeline-geometry.ts'
import { lossColumns } from '../timeline/loss-columns.ts'
import { headsOf, rowOf, runAnchor, tableDetails } from '../timeline/badges.ts'
import { inOrder, requestName } from '../losses/payload.ts'
import { serversTable } from './servers-table.ts'

/** All tables of a run; at most `staticRows` lost requests are written out, the page's script pages through the rest. */
export function tablesOf(analysis: Analysis, scale: TimeScale, staticRows: number): Html {
  const lost = analysis.losses.length > 0
  return html`<div class="tables">
    ${claimsTable(analysis)}${lost && lossTable(analysis, scale, staticRows)}${lost && crossTable(analysis)}${analysis.servers && serversTable(analysis.servers, analysis.network)}${latencyTable(analysis)}${lagTable(analysis.endpointLags)}${podTable(analysis.pods, scale)}${outageTable(analysis, scale)}${bucketTable(analysis, scale)}
  </div>`
}

function lossTable(analysis: Analysis, scale: TimeScale, staticRows: number): Html {
  const losses = inOrder(analysis.losses)
  const shown = losses.slice(0, staticRows)
  const { href } = runAnchor(analysis.runId)
  const rows = shown.map((loss) => {
    const name = requestName(loss.request)
    const cells = lossColumns.map(
      ({ numeric, value }) => html`<td${trusted(numeric ? ' class="n"' : '')}>${value(loss, scale)}</td>`,
    )
    return html`<tr>
      <th scope="row"><a href="${href}&req=${name}">${name}</a></th>
      ${cells}
    </tr>`
  })
  const rest = losses.length - shown.length
  const foot = html`<p class="pager" data-pager>
    ${rest > 0 && `The first ${count(shown.length)} of ${count(losses.length)}; the page’s script shows the others.`}
  </p>`
  return html`<div data-losses>
    ${tableDetails(`Every lost request (${count(losses.length)})`, [{ title: 'request', numeric: false }, ...lossColumns], rows, foot)}
  </div>`
}

function crossTable({ losses }: Analysis): Html {
  const groups = Map.groupBy(losses, ({ outcome, request, pod }) => JSON.stringify([outcome, request.lane, pod]))
  const rows = [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .flatMap((members) => {
      const [first] = members
      if (first === undefined) return []
      const hidden = members.filter(({ hiddenByRetry }) => hiddenByRetry).length
      return [
        rowOf(
          [first.outcome, first.request.lane, first.pod ?? 'not attributed', count(members.length), count(hidden)],
          3,
        ),
      ]
    })
  return tableDetails(
    'Losses by outcome, lane and pod',
    headsOf(['outcome', 'lane', 'pod', 'lost', 'a retry hides'], 3),
    rows,
  )
}

function latencyTable({ lanes, latency, sendLag }: Analysis): Html {
  const cells = (quantiles: Quantiles) => [
    count(quantiles.count),
    ...[quantiles.p50Us, quantiles.p90Us, quantiles.p99Us, quantiles.p999Us, quantiles.maxUs].map(duration),
  ]
  const rows = lanes.flatMap(({ lane, latency: all, byPhase }) => [
    rowOf([lane, 'all', ...cells(all)], 2),
    ...(['before', 'during', 'after'] as const).map((phase) => rowOf([lane, phase, ...cells(byPhase[phase])], 2)),
  ])
  const all = lanes.some(({ lane }) => lane === 'control') ? 'all but control' : 'all lanes'
  const lag = rowOf(['send lag', 'all', ...cells(sendLag)], 2)
  return tableDetails(
    'Latency by lane and phase',
    headsOf(['lane', 'phase', 'requests', 'p50', 'p90', 'p99', 'p99.9', 'max'], 2),
    [...rows, rowOf([all, 'all', ...cells(latency)], 2), lag],
  )
}

function podTable(pods: readonly PodLife[], scale: TimeScale): Html {
  const rows = pods.flatMap((pod) => {
    const own: [string, string, number | null, string, string][] = [
      ['', 'created', pod.createdUs, 'watch', ''],
      ['', 'ready', pod.readyUs, 'watch', ''],
      ['', 'deletion', pod.deletionUs, 'watch', ''],
      ['', 'endpoint-removed', pod.endpointRemovedUs, 'watch', ''],
      ['', 'unprogrammed', pod.unprogrammedUs, 'kube-proxy', ''],
      ['', 'last fresh connection', pod.lastFreshUs, 'driver', ''],
      ['', 'gone', pod.goneUs, 'watch', ''],
    ]
    const inside = pod.containers.flatMap(({ name, moments }) =>
      moments.map(({ moment, atUs, errorUs, source, detail }): (typeof own)[number] => [
        name,
        moment,
        atUs,
        `${source} ±${duration(errorUs)}`,
        detail ?? '',
      ]),
    )
    return [...own, ...inside]
      .filter((row): row is [string, string, number, string, string] => row[2] !== null)
      .sort((a, b) => a[2] - b[2])
      .map(([container, moment, us, source, detail]) => {
        const age = pod.old ? 'old' : 'new'
        const at = instant(us, scale.originUs)
        return rowOf([pod.pod, age, pod.node ?? '–', container, moment, at, source, detail], 5)
      })
  })
  return tableDetails(
    `Moments of ${plural(pods.length, 'pod')}`,
    headsOf(['pod', 'age', 'node', 'container', 'moment', 'at', 'told by', 'detail'], 5),
    rows,
  )
}

function lagTable(lags: readonly EndpointLag[]): Html | null {
  if (lags.length === 0) return null
  const rows = lags.map(({ pod, sinceDeletionUs, sinceEndpointRemovedUs, atLeast }) =>
    rowOf([
      pod,
      duration(sinceDeletionUs),
      duration(sinceEndpointRemovedUs),
      atLeast ? 'or longer: its servers stopped' : '',
    ]),
  )
  const foot = html`<p class="of">
    Counted to the last new connection that the pod answered. A preStop hook that sleeps must outlast this.
  </p>`
  const heads = headsOf(['pod', 'since its deletion', 'since its endpoint was removed', ''])
  return tableDetails('How long new connections still reached leaving pods', heads, rows, foot)
}

function outageTable({ outages, waited }: Analysis, scale: TimeScale): Html | null {
  if (outages.length === 0) return null
  const rows = outages.map(({ fromUs, toUs, lost, waited: late, longestWaitUs }) =>
    rowOf(
      [
        instant(fromUs, scale.originUs),
        instant(toUs, scale.originUs),
        duration(toUs - fromUs),
        count(lost),
        count(late),
        late === 0 ? '–' : duration(longestWaitUs),
      ],
      1,
    ),
  )
  const foot = html`<p class="of">
    From when a request was due that was lost or waited, to when the next was due that did neither. A request waited if
    its answer came more than ${duration(waited.overUs)} after it was due.
  </p>`
  return tableDetails('Outages', headsOf(['from', 'to', 'lasted', 'lost', 'waited', 'longest wait'], 0), rows, foot)
}

function bucketTable({ buckets, bucketUs }: Analysis, scale: TimeScale): Html {
  const rows = buckets.map(({ fromUs, ok, lost, p50Us, p99Us, maxUs }) =>
    rowOf(
      [instant(fromUs, scale.originUs), count(ok), count(lost), duration(p50Us), duration(p99Us), duration(maxUs)],
      1,
    ),
  )
  return tableDetails(
    `Latency and losses over time, each ${duration(bucketUs)}`,
    headsOf(['from', 'ok', 'lost', 'p50', 'p99', 'max'], 0),
    rows,
  )
}
