/** What became of each request on a connection, by nothing but its segments: plain HTTP/1.1, one request at a time. */
import type { Outcome } from '../../model/record.ts'
import type { Flow } from './flow.ts'
import { endOfRequest, idOf, readResponse } from './message.ts'

export interface Exchange {
  /** The request's `x-request-id`. */
  id: string
  /** When its first byte left. */
  atUs: number
  /**
   * What a client may make of it: one outcome, or two where the server's FIN and RST both came before the client had closed.
   * Which of them it was told of depends on when it looked.
   */
  fates: Outcome[]
}

/** In the order in which they were sent. */
export function exchangesOn(flow: Flow): Exchange[] {
  const sent = flow.sent.assembled()
  const got = flow.got.assembled()
  const exchanges: Exchange[] = []
  let from = 0
  for (let at = 0; at < sent.bytes.length;) {
    const end = endOfRequest(sent.bytes, at)
    if (end === null) break
    const response = readResponse(got.bytes, from)
    const head = sent.bytes.toString('latin1', at, end)
    const id = idOf(head)
    const atUs = sent.timeOf(at)
    if (id !== null) exchanges.push({ id, atUs, fates: fatesOf(flow, response, id) })
    at = end
    from = response.end ?? got.bytes.length
  }
  return exchanges
}

/** What becomes of a request for whose sake the connection was asked for, or that was to be sent on it, and that never left. */
export function fatesUnsent(flow: Flow): Outcome[] {
  if (flow.acceptedUs !== null) {
    const ended = ends(flow, 'closed-before-response', 'reset-before-response')
    // Nothing was sent although the server was there and stayed: the client had given up before it was.
    return ended.length > 0 ? ended : ['connect-timeout']
  }
  if (flow.refusedUs !== null) return ['refused']
  return [flow.unreachableUs === null ? 'connect-timeout' : 'unreachable']
}

function fatesOf(flow: Flow, response: ReturnType<typeof readResponse>, id: string): Outcome[] {
  const { status, begun, headWhole, end, untilClose, requestId } = response
  if (end !== null || (untilClose && flow.finUs !== null)) return [judged(status, requestId, id)]
  const broken = begun
    ? ends(flow, 'truncated', 'reset-in-body')
    : ends(flow, 'closed-before-response', 'reset-before-response')
  return broken.length > 0 ? broken : [headWhole ? 'timeout-body' : 'timeout-headers']
}

function judged(status: number, requestId: string | null, id: string): Outcome {
  if (status >= 200 && status < 300) return requestId === id ? 'ok' : 'body-mismatch'
  if (status >= 400 && status < 500) return 'http-4xx'
  return status >= 500 && status < 600 ? 'http-5xx' : 'unexpected-status'
}

/** By how the server ended the connection; nothing when the client closed it before, or nobody did. */
function ends({ finUs, rstUs, closedUs }: Flow, byFin: Outcome, byRst: Outcome): Outcome[] {
  const before = (us: number | null): boolean => us !== null && (closedUs === null || us <= closedUs)
  return [...(before(finUs) ? [byFin] : []), ...(before(rstUs) ? [byRst] : [])]
}
