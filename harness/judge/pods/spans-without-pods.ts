/** When a Service had no pod for a new connection, by its endpoints, its proxy and the connections that waited. */
import { lanes } from '../../model/plan.ts'
import type { RequestRecord } from '../../model/record.ts'
import { synRetryUs } from '../facts/syn-retry.ts'
import type { Evidence } from '../facts/evidence.ts'
import type { Span } from './presence.ts'
import type { RequestTable } from '../facts/request-table.ts'

/** A span in which the Service may have had no pod. */
export interface SpanWithoutPods extends Span {
  /** From when on it certainly had none, by the connections that waited; `null` if none did. */
  emptyUs: number | null
  /** When the last promptly made connection before that was opened: until then it certainly had a pod. `-Infinity` without any. */
  metUs: number
}

/**
 * This many consecutive new connections must have waited. If a pod has gone from the client's own node a SYN is dropped too, and the next
 * may go to another pod: ten in a row are hardly all such while other nodes had pods.
 */
const waitersInARow = 10

interface SentConnection {
  sentUs: number
  waited: boolean
}

/**
 * If the node drops SYNs for lack of a pod, the connections that are made late show since when. Not every node does: if it refuses, no
 * connection waits.
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

/** What the Service lacked at an instant. Until its last prompt connection it had a pod, and from the first that waited it had none. */
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

/** A refusal that came this late answers a retransmitted SYN too. */
function listFailedConnections(lost: readonly RequestRecord[]): SentConnection[] {
  return lost.flatMap(({ outcome, use, connectedUs, sentUs, settledUs }) =>
    use === 1 && connectedUs === null && sentUs !== null
      ? [{ sentUs, waited: outcome === 'refused' && settledUs - sentUs >= synRetryUs }]
      : [],
  )
}

const freshLane = lanes.indexOf('fresh')

/** From the lane whose requests all have new connections. */
function listPromptConnections(requests: RequestTable): SentConnection[] {
  const sent: SentConnection[] = []
  for (let index = 0; index < requests.size; index++) {
    if (requests.lane(index) !== freshLane || !requests.isOk(index)) continue
    const sentUs = requests.sentUs(index)
    if (requests.settledUs(index) - sentUs < synRetryUs) sent.push({ sentUs, waited: false })
  }
  return sent
}
