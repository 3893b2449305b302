/** How the clients of a load behave: what they send, and how they treat the connections that they keep. */

export type Method = (typeof methods)[number]
export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** What one lane sends where each has a request of its own. */
export interface LaneRequest {
  method?: Method
  /** Beside the ones that make it a request of this load. */
  headers?: Record<string, string>
  bodyBytes?: number
}

/** How the workload is reached over TLS: held against one certificate authority (PEM), or knowingly not verified. */
export type TlsPlan = ({ ca: string } | { unverified: true }) & {
  /** The name in its certificate; absent: the Service's address. Also the `Host` that is asked. */
  serverName?: string
}

export interface ReusePlan {
  /** A connection that has been idle for so long is closed by the client; `null`: never. */
  idleMs: number | null
  /** After so many requests it is closed by the client; `null`: never. */
  uses: number | null
  /** Whether a server's `Keep-Alive: timeout=` (RFC 9112 appendix C.2.2) ends a connection a second early, or is ignored. */
  obeysKeepAliveTimeout: boolean
}

/** How long a connection lives is up to the server, as with the pools of most clients. */
export const defaultReuse: ReusePlan = { idleMs: null, uses: null, obeysKeepAliveTimeout: false }

/** RFC 9110 §9.2.2: what a client may send again unasked, and many do. */
export function isIdempotent(method: Method): boolean {
  return method !== 'POST' && method !== 'PATCH'
}

/** RFC 9110 §9.2.1: what only asks. */
export function isSafe(method: Method): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

export const maxBodyBytes: number = 1 << 20

/** Headers that say where a request ends or how its connection is used are the driver's own, and so is what names the request. */
const reservedHeaders =
  /^(host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|x-request-id)$/i
const headerNamePattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/
/** RFC 9110 §5.5 without what is obsolete, so that nothing can be split with it. */
const headerValuePattern = /^(?! )[ -~]{0,8000}(?<! )$/
const maxHeaders = 100

export function isHeaderName(name: string): boolean {
  return headerNamePattern.test(name)
}

export function isHeaderValue(text: unknown): text is string {
  return typeof text === 'string' && headerValuePattern.test(text)
}

/** Whether a client may choose headers of these names, each of them once. */
export function areOwnHeaders(names: readonly string[]): boolean {
  const distinct = new Set(names.map((name) => name.toLowerCase()))
  if (names.length > maxHeaders || distinct.size < names.length) return false
  return names.every((name) => isHeaderName(name) && !reservedHeaders.test(name))
}

/** Whether these are header fields that a request of a load may have beside its own. */
export function isHeaders(headers: unknown): headers is Record<string, string> {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return false
  return areOwnHeaders(Object.keys(headers)) && Object.values(headers).every(isHeaderValue)
}
