/** The outcome of each request on a connection, determined only from its segments: plain HTTP/1.1, one request at a time. */
import type { Outcome } from '../../model/record.ts'
import type { Flow } from './flow.ts'
import { findRequestEnd, parseRequestId, parseResponse } from './message.ts'

export interface Exchange {
  /** The request's `x-request-id`. */
  id: string
  /** When its first byte was sent. */
  atUs: number
  /**
   * The outcomes that a client may see: one, or two if the server's FIN and RST both came before the client had closed, where the time of
   * its read decides.
   */
  fates: Outcome[]
}

/** A request of any client, which may have no id. */
export interface AnyExchange extends Omit<Exchange, 'id'> {
  id: string | null
  method: string
  /** The status of the response, `null` while its head is incomplete. */
  status: number | null
  /** Whether a byte of the response came. */
  begun: boolean
}

/** Requests with an id, in the order in which they were sent. */
export function listExchanges(flow: Flow): Exchange[] {
  return listAllExchanges(flow).flatMap(({ id, atUs, fates }) => (id === null ? [] : [{ id, atUs, fates }]))
}

/** In the order in which they were sent. */
export function listAllExchanges(flow: Flow): AnyExchange[] {
  const sent = flow.sent.assemble()
  const got = flow.got.assemble()
  const exchanges: AnyExchange[] = []
  let from = 0
  for (let at = 0; at < sent.bytes.length;) {
    const end = findRequestEnd(sent.bytes, at)
    if (end === null) break
    const response = parseResponse(got.bytes, from)
    const head = sent.bytes.toString('latin1', at, end)
    const id = parseRequestId(head)
    const atUs = sent.timeOf(at)
    const { begun, headWhole } = response
    exchanges.push({
      id,
      atUs,
      fates: classifyExchange(flow, response, id),
      method: head.slice(0, head.indexOf(' ')),
      status: headWhole ? response.status : null,
      begun,
    })
    at = end
    from = response.end ?? got.bytes.length
  }
  return exchanges
}

/** The outcome of a request for which the connection was opened, or which should have been sent on it, but never was. */
export function classifyUnsent(flow: Flow): Outcome[] {
  if (flow.acceptedUs !== null) {
    const ended = classifyEnd(flow, 'closed-before-response', 'reset-before-response')
    // Nothing was sent although the server was there and stayed: the client had given up before.
    return ended.length > 0 ? ended : ['connect-timeout']
  }
  if (flow.refusedUs !== null) return ['refused']
  return [flow.unreachableUs === null ? 'connect-timeout' : 'unreachable']
}

function classifyExchange(flow: Flow, response: ReturnType<typeof parseResponse>, id: string | null): Outcome[] {
  const { status, begun, headWhole, end, untilClose, requestId } = response
  if (end !== null || (untilClose && flow.finUs !== null)) return [classifyStatus(status, requestId, id)]
  const broken = begun
    ? classifyEnd(flow, 'truncated', 'reset-in-body')
    : classifyEnd(flow, 'closed-before-response', 'reset-before-response')
  return broken.length > 0 ? broken : [headWhole ? 'timeout-body' : 'timeout-headers']
}

function classifyStatus(status: number, requestId: string | null, id: string | null): Outcome {
  if (status >= 200 && status < 300) return id === null || requestId === id ? 'ok' : 'body-mismatch'
  if (status >= 400 && status < 500) return 'http-4xx'
  return status >= 500 && status < 600 ? 'http-5xx' : 'unexpected-status'
}

/** By how the server ended the connection; empty if the client closed it before, or it stayed open. */
function classifyEnd({ finUs, rstUs, closedUs }: Flow, byFin: Outcome, byRst: Outcome): Outcome[] {
  const isBeforeClose = (us: number | null): boolean => us !== null && (closedUs === null || us <= closedUs)
  return [...(isBeforeClose(finUs) ? [byFin] : []), ...(isBeforeClose(rstUs) ? [byRst] : [])]
}
