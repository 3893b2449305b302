/** Finds the HTTP/1.1 messages in a stream (RFC 9112), and parses their heads. */

export interface Response {
  /** 0 if the head is missing. */
  status: number
  /** Whether any byte of it is present; interim responses count. */
  begun: boolean
  headWhole: boolean
  /** Where the next response begins; `null` if this one is incomplete, or ends only with its connection. */
  end: number | null
  untilClose: boolean
  requestId: string | null
}

const headEnd = Buffer.from('\r\n\r\n')

/** Where the request that begins at `at` ends; `null` if its head is incomplete. A missing body may have been cut. */
export function findRequestEnd(bytes: Buffer, at: number): number | null {
  const end = bytes.indexOf(headEnd, at)
  if (end < 0) return null
  const length = Number(readHeader(bytes.toString('latin1', at, end), 'content-length') ?? 0)
  return end + headEnd.length + length
}

export function parseRequestId(head: string): string | null {
  return readHeader(head, 'x-request-id')
}

export function parseResponse(bytes: Buffer, from: number): Response {
  const none = {
    status: 0,
    begun: from < bytes.length,
    headWhole: false,
    end: null,
    untilClose: false,
    requestId: null,
  }
  for (let at = from; ;) {
    const headTo = bytes.indexOf(headEnd, at)
    if (headTo < 0) return none
    const head = bytes.toString('latin1', at, headTo)
    const status = Number(/^HTTP\/1\.\d (?<status>\d{3})/.exec(head)?.groups?.['status'] ?? 0)
    const bodyAt = headTo + headEnd.length
    if (status >= 100 && status < 200 && status !== 101) {
      at = bodyAt
      continue
    }
    return {
      ...none,
      status,
      headWhole: true,
      requestId: parseRequestId(head),
      ...findBodyEnd(bytes, bodyAt, { head, status }),
    }
  }
}

/** RFC 9112 §6.3, for all methods except HEAD and CONNECT. */
function findBodyEnd(
  bytes: Buffer,
  at: number,
  { head, status }: { head: string; status: number },
): Pick<Response, 'end' | 'untilClose'> {
  if (status === 204 || status === 304) return { end: at, untilClose: false }
  if (/chunked/i.test(readHeader(head, 'transfer-encoding') ?? ''))
    return { end: findChunksEnd(bytes, at), untilClose: false }
  const length = readHeader(head, 'content-length')
  if (length === null) return { end: null, untilClose: true }
  const end = at + Number(length)
  return { end: end <= bytes.length ? end : null, untilClose: false }
}

function findChunksEnd(bytes: Buffer, from: number): number | null {
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return null
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (Number.isNaN(size)) return null
    if (size === 0) {
      // Trailers, if any, end with an empty line.
      const end = bytes.indexOf(headEnd, lineEnd)
      return end < 0 ? null : end + headEnd.length
    }
    at = lineEnd + 2 + size + 2
  }
}

function readHeader(head: string, name: string): string | null {
  return new RegExp(`^${name}:[ \\t]*(?<value>[^\\r]*?)[ \\t]*$`, 'im').exec(head)?.groups?.['value'] ?? null
}
