/** What the servers logged about the requests, compared with what the clients saw. */
import type { NetworkTotals, ServedFate, ServerLogFindings } from '../../model/server-logs.ts'
import { servedFates } from '../../model/server-logs.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatCount, formatPlural } from '../../base/figures.ts'
import { createHeads, renderTableRow, renderTableDetails } from '../timeline/badges.ts'

const fateMeanings: Record<ServedFate, string> = {
  answered: 'lost, but a server finished it well: the answer was lost on its way',
  failed: 'lost, and the server itself logged a failure',
  worked: 'lost, but the application finished it: the proxy before it ended first',
  'never-seen': 'lost, and never seen by any server',
  untold: 'lost, and in no log, which proves nothing',
}

/** States where a count must be 0; any other value there is a contradiction. */
export function renderServersTable(servers: ServerLogFindings, network: NetworkTotals | null): Html {
  const { answered, repeated, elsewhere, missingLines, hiddenFailures, unseen, unread, unexplained, lost, logs } =
    servers
  const rows: [string, number, boolean][] = [
    ['answered to the client, and once in the log of the server', answered, false],
    ...servedFates.map((fate): [string, number, boolean] => [fateMeanings[fate], lost[fate], false]),
    ['seen more than once: something sent it again', repeated, false],
    ['answered well after a failure that the proxy hid by asking again', hiddenFailures, false],
    [
      'answered to the client, but its server ended before it logged that, or its log was not read to the end',
      unread,
      false,
    ],
    ['answered to the client, but not in the log of any server (must be 0)', unseen, true],
    ['answered by one pod, but only in the log of another (must be 0)', elsewhere, true],
    ['in a log, but sent by no client (must be 0)', unexplained, true],
    ['lines of a log that the event log lacks (must be 0)', missingLines, true],
  ]
  const cells = rows
    .filter(([, value, wanted], index) => value > 0 || wanted || index === 0)
    .map(([says, value, wanted]) =>
      renderTableRow([says, wanted && value > 0 ? html`<strong>${formatCount(value)}</strong>` : formatCount(value)]),
    )
  return renderTableDetails(
    'What the servers saw',
    createHeads(['by the servers’ own logs', 'requests']),
    cells,
    html`${renderFoot(logs)}${renderNetwork(network)}`,
  )
}

function renderNetwork(network: NetworkTotals | null): Html {
  if (network === null) {
    return html`<p class="of">
      Accept queues and SYNs: not read here, as this cluster does not report the counters of its pods’ networks.
    </p>`
  }
  const { pods, listenOverflows, listenDrops, synRetransmits } = network
  const counted = [
    `${formatPlural(listenDrops, 'connection')} dropped by listening sockets, ${formatCount(listenOverflows)} of them for a full accept queue`,
    `${formatPlural(synRetransmits, 'SYN')} sent again`,
  ]
  return html`<p class="of">In the networks of ${formatPlural(pods, 'pod')}: ${counted.join('; ')}.</p>`
}

function renderFoot(logs: ServerLogFindings['logs']): Html {
  const open = logs.filter(({ complete }) => !complete)
  const all = `Of ${formatPlural(logs.length, 'container')} the log was followed`
  if (open.length === 0) return html`<p class="of">${all}, each to its end.</p>`
  return html`<p class="of">
      ${all}; ${open.length === 1 ? '1 was' : `${formatCount(open.length)} were`} not read to the end, so that what is
      missing in them proves nothing:
    </p>
    <ul class="of">
      ${open.map(({ pod, container, why }) => html`<li>${pod} ${container}: ${why ?? ''}</li>`)}
    </ul>`
}
