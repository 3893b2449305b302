/** The behaviour of a load's clients: what they send, and how they treat kept connections. */

export type Method = (typeof methods)[number]
export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** The request of one lane, if each lane has its own. */
export interface LaneRequest {
  method?: Method
  /** In addition to those that identify the request as part of this load. */
  headers?: Record<string, string>
  bodyBytes?: number
}

/**
 * How the workload is reached over TLS: verified against certificate authorities (PEM) or those of the driver's machine, or deliberately
 * unverified.
 */
export type TlsPlan = ({ ca: string } | { roots: 'system' } | { unverified: true }) & {
  /** The name in its certificate; absent: the Service's address. Also the `Host` of requests. */
  serverName?: string
}

export interface ReusePlan {
  /** Maximum idle time of a connection in ms, after which the client closes it; `null`: unlimited. */
  idleMs: number | null
  /** Maximum number of requests on a connection, after which the client closes it; `null`: unlimited. */
  uses: number | null
  /** Whether a server's `Keep-Alive: timeout=` (RFC 9112 appendix C.2.2), less one second, ends a connection, or is ignored. */
  obeysKeepAliveTimeout: boolean
}

/** The server decides how long a connection lives, as with the pools of most clients. */
export const defaultReuse: ReusePlan = { idleMs: null, uses: null, obeysKeepAliveTimeout: false }

/** RFC 9110 §9.2.2: methods that a client may retry by itself, and many do. */
export function isIdempotent(method: Method): boolean {
  return method !== 'POST' && method !== 'PATCH'
}

/** RFC 9110 §9.2.1: methods that only read. */
export function isSafe(method: Method): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

export const maxBodyBytes: number = 1 << 20

/** The driver sets the headers that delimit a request, control its connection or identify it. */
const reservedHeaders =
  /^(host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|x-request-id)$/i
const headerNamePattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/
/** RFC 9110 §5.5 without its obsolete parts, so that a value cannot split a header. */
const headerValuePattern = /^(?! )[ -~]{0,8000}(?<! )$/
const maxHeaders = 100

export function isHeaderName(name: string): boolean {
  return headerNamePattern.test(name)
}

export function isHeaderValue(text: unknown): text is string {
  return typeof text === 'string' && headerValuePattern.test(text)
}

/** Whether a client may set headers with these names, each only once. */
export function areOwnHeaders(names: readonly string[]): boolean {
  const distinct = new Set(names.map((name) => name.toLowerCase()))
  if (names.length > maxHeaders || distinct.size < names.length) return false
  return names.every((name) => isHeaderName(name) && !reservedHeaders.test(name))
}

/** Whether these are header fields that a request of a load may have in addition to the driver's. */
export function isHeaders(headers: unknown): headers is Record<string, string> {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return false
  return areOwnHeaders(Object.keys(headers)) && Object.values(headers).every(isHeaderValue)
}
