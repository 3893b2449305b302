/** What the servers saw of the requests, by their own logs: beside the account of what the clients saw. */
import type { NetworkSeen, ServedFate, ServersSaw } from '../../model/server-logs.ts'
import { servedFates } from '../../model/server-logs.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { count, plural } from '../report/format.ts'
import { headsOf, rowOf, tableDetails } from '../timeline/badges.ts'

const fates: Record<ServedFate, string> = {
  answered: 'lost, but a server finished it well: the answer was lost on its way',
  failed: 'lost, and the server tells of a failure itself',
  worked: 'lost, but the application finished it: the proxy before it ended first',
  'never-seen': 'lost, and never seen by any server',
  untold: 'lost, and in no log, which proves nothing',
}

/** Where a count must be 0, it says so; any other number there is a contradiction. */
export function serversTable(servers: ServersSaw, network: NetworkSeen | null): Html {
  const { answered, repeated, elsewhere, missingLines, hiddenFailures, unseen, unread, unexplained, lost, logs } =
    servers
  const rows: [string, number, boolean][] = [
    ['answered to the client, and once in the log of the server', answered, false],
    ...servedFates.map((fate): [string, number, boolean] => [fates[fate], lost[fate], false]),
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
      rowOf([says, wanted && value > 0 ? html`<strong>${count(value)}</strong>` : count(value)]),
    )
  return tableDetails(
    'What the servers saw',
    headsOf(['by the servers’ own logs', 'requests']),
    cells,
    html`${footOf(logs)}${networkSays(network)}`,
  )
}

function networkSays(network: NetworkSeen | null): Html {
  if (network === null) {
    return html`<p class="of">
      Accept queues and SYNs: not read here, as this cluster does not tell what its pods’ networks count.
    </p>`
  }
  const { pods, listenOverflows, listenDrops, synRetransmits } = network
  const counted = [
    `${plural(listenDrops, 'connection')} dropped by listening sockets, ${count(listenOverflows)} of them for a full accept queue`,
    `${plural(synRetransmits, 'SYN')} sent again`,
  ]
  return html`<p class="of">In the networks of ${plural(pods, 'pod')}: ${counted.join('; ')}.</p>`
}

function footOf(logs: ServersSaw['logs']): Html {
  const open = logs.filter(({ complete }) => !complete)
  const all = `Of ${plural(logs.length, 'container')} the log was followed`
  if (open.length === 0) return html`<p class="of">${all}, each to its end.</p>`
  return html`<p class="of">
      ${all}; ${open.length === 1 ? '1 was' : `${count(open.length)} were`} not read to the end, so that what is missing
      in them proves nothing:
    </p>
    <ul class="of">
      ${open.map(({ pod, container, why }) => html`<li>${pod} ${container}: ${why ?? ''}</li>`)}
    </ul>`
}
