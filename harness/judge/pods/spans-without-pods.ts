/** When a Service had no pod to send a new connection to, by its endpoints, its proxy and the connections that waited. */
import { lanes } from '../../model/plan.ts'
import type { RequestRecord } from '../../model/record.ts'
import { synRetryUs } from '../facts/syn-retry.ts'
import type { Evidence } from '../facts/evidence.ts'
import type { Span } from './presence.ts'
import type { RequestTable } from '../facts/request-table.ts'

/** The Service may have had no pod. */
export interface SpanWithoutPods extends Span {
  /** From when on it certainly had none, by the connections that waited; `null` where none did. */
  emptyUs: number | null
  /** When the last connection before that went out which stood at once: until then it certainly had one. `-Infinity` without any. */
  metUs: number
}

/**
 * So many new connections in a row must have waited. Where a pod is gone from the client's own node a SYN is dropped as well, and the
 * next may go to another pod: of ten in a row hardly all were such, while other nodes had pods.
 */
const waitersInARow = 10

interface SentConnection {
  sentUs: number
  waited: boolean
}

/**
 * Where the node drops a SYN for want of a pod, those that are answered later tell since when it did. Not every node does: one that
 * refuses leaves nobody waiting.
 */
export function narrowSpansWithoutPods(
  spans: readonly Span[],
  { waiters, lost, requests }: Evidence,
): SpanWithoutPods[] {
  return spans.map((span) => {
    const isIn = ({ sentUs }: { sentUs: number }): boolean => span.fromUs <= sentUs && sentUs < span.toUs
    const waited = waiters.map((sentUs) => ({ sentUs, waited: true })).filter(isIn)
    const unknown = { ...span, emptyUs: null, metUs: -Infinity }
    if (waited.length < waitersInARow) return unknown
    const met = listPromptConnections(requests).filter(isIn)
    const sent = [...waited, ...listFailedConnections(lost).filter(isIn), ...met].sort((a, b) => a.sentUs - b.sentUs)
    const emptyUs = findFirstRowOfWaiters(sent)
    if (emptyUs === null) return unknown
    return {
      ...span,
      emptyUs,
      metUs: met.reduce((last, { sentUs }) => (sentUs < emptyUs ? Math.max(last, sentUs) : last), -Infinity),
    }
  })
}

/** What the Service lacked at an instant. Until a connection was made it had a pod, and from the first that waited on it had none. */
export function classifyInstant(spans: readonly SpanWithoutPods[], atUs: number): 'certain' | 'possible' | null {
  const span = spans.find(({ fromUs, toUs }) => fromUs <= atUs && atUs < toUs)
  if (span === undefined || atUs <= span.metUs) return null
  return span.emptyUs !== null && atUs >= span.emptyUs ? 'certain' : 'possible'
}

function findFirstRowOfWaiters(sent: readonly SentConnection[]): number | null {
  let length = 0
  for (const [index, { waited }] of sent.entries()) {
    length = waited ? length + 1 : 0
    if (length === waitersInARow) return sent[index - waitersInARow + 1]!.sentUs
  }
  return null
}

/** A refusal that came so late answers a SYN that was sent again as well. */
function listFailedConnections(lost: readonly RequestRecord[]): SentConnection[] {
  return lost.flatMap(({ outcome, use, connectedUs, sentUs, settledUs }) =>
    use === 1 && connectedUs === null && sentUs !== null
      ? [{ sentUs, waited: outcome === 'refused' && settledUs - sentUs >= synRetryUs }]
      : [],
  )
}

const freshLane = lanes.indexOf('fresh')

/** Of the lane whose requests all have a new connection. */
function listPromptConnections(requests: RequestTable): SentConnection[] {
  const sent: SentConnection[] = []
  for (let index = 0; index < requests.size; index++) {
    if (requests.lane(index) !== freshLane || !requests.isOk(index)) continue
    const sentUs = requests.sentUs(index)
    if (requests.settledUs(index) - sentUs < synRetryUs) sent.push({ sentUs, waited: false })
  }
  return sent
}
