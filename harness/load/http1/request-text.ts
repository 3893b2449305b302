/** The bytes of requests: everything but the number is assembled once. */
import { Buffer } from 'node:buffer'
import type { Method } from '../../model/load/client.ts'
import type { Lane } from '../../model/plan.ts'
import { formatIdPrefix } from '../service/control-protocol.ts'
import type { DriverPlan } from '../service/control-protocol.ts'

/** A whole request is `before`, its number and `after`, in latin1. */
export interface RequestText {
  before: string
  after: string
}

/** What distinguishes requests to the same target. */
export interface RequestContent {
  method: Method
  /** With the query. */
  path: string
  headers: Record<string, string>
  body: string
}

/** The control pod has no work to do. */
const controlContent: RequestContent = { method: 'GET', path: '/', headers: {}, body: '' }

/** RFC 9110 §9.3: methods whose requests have content. */
const withContent: ReadonlySet<Method> = new Set(['POST', 'PUT', 'PATCH'])

export type RequestSource = Pick<
  DriverPlan,
  'runToken' | 'driver' | 'target' | 'authority' | 'tls' | 'control' | 'path' | 'requests'
>

/** What a lane without listed requests sends. */
export function getLaneContent(
  lane: Lane,
  { path, requests }: Pick<RequestSource, 'path' | 'requests'>,
): RequestContent {
  if (lane === 'control') return controlContent
  const { method, headers, bodyBytes } = requests[lane]
  return { method, path, headers, body: 'x'.repeat(bodyBytes) }
}

// oxlint-disable-next-line max-params -- a request is of a lane, on a kind of connection, and has a content
export function buildRequestText(
  lane: Lane,
  keeps: boolean,
  content: RequestContent,
  plan: RequestSource,
): RequestText {
  const { method, path, headers } = content
  const body = Buffer.from(content.body).toString('latin1')
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${formatHost(lane, plan)}`,
    ...(keeps ? [] : ['connection: close']),
    ...buildContentLines(method, headers, body.length),
    ...Object.entries(headers).map(([key, text]) => `${key}: ${text}`),
  ].join('\r\n')
  return { before: `${head}\r\nx-request-id: ${formatIdPrefix(plan)}`, after: `\r\n\r\n${body}` }
}

function formatHost(lane: Lane, { target, authority, control, tls }: RequestSource): string {
  const ofControl = lane === 'control' ? control : null
  if (ofControl === null && authority !== null) return authority
  const { host, port } = ofControl?.target ?? target
  const name = (ofControl === null && tls?.serverName) || host
  return `${name.includes(':') ? `[${name}]` : name}:${port}`
}

function buildContentLines(method: Method, headers: Record<string, string>, bodyBytes: number): string[] {
  if (bodyBytes === 0 && !withContent.has(method)) return []
  const typed = Object.keys(headers).some((key) => key.toLowerCase() === 'content-type')
  return [...(typed || bodyBytes === 0 ? [] : ['content-type: text/plain']), `content-length: ${bodyBytes}`]
}
