/**
 * Whether a text is a complete response of the right workload to the right request: a second implementation of RFC 9112, as simple as
 * possible and lenient where the RFC leaves a choice. A response that it finds broken must never be `ok` for a client.
 */

/** The identification in the right answers to one request. */
export interface ExpectedIdentity {
  requestId: string
  workload: string
}

export function isWholeResponse(text: string, { requestId, workload }: ExpectedIdentity): boolean {
  const final = text.replace(/^(HTTP\/1\.\d 1\d\d[^\n]*\n([^\r\n][^\n]*\n)*\r?\n)*/, '')
  const end = /\r?\n\r?\n/.exec(final)
  if (end === null || !/^HTTP\/1\.\d 2\d\d/.test(final)) return false
  const head = final.slice(0, end.index)
  const rest = final.slice(end.index + end[0].length)
  const readHeader = (name: string): string | undefined =>
    new RegExp(`\\n${name}:[ \\t]*([^\\r\\n]*?)[ \\t]*\\r?(\\n|$)`, 'i').exec(head)?.[1]
  if (readHeader('x-request-id') !== requestId || readHeader('x-nodrop-workload') !== workload) return false
  if (/^HTTP\/1\.\d 204/.test(final)) return true
  const length = readHeader('content-length')
  if (length !== undefined) return rest.length >= Number(length)
  return /chunked/i.test(readHeader('transfer-encoding') ?? '')
    ? /(^|\n)0*(;[^\n]*)?[ \t]*\r?\n([^\n]+\n)*\r?\n/.test(rest)
    : true
}
