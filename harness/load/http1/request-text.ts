/** The bytes of requests: everything but the number is put together once. */
import type { Method, RequestPlan } from '../../model/load/client.ts'
import type { Lane } from '../../model/plan.ts'
import { formatIdPrefix } from '../service/control-protocol.ts'
import type { DriverPlan } from '../service/control-protocol.ts'

/** A whole request is `before`, its number and `after`, latin1. */
export interface RequestText {
  before: string
  after: string
}

/** The control pod is not there to work. */
const controlPath = '/'
const controlRequest: Required<RequestPlan> = { method: 'GET', headers: {}, bodyBytes: 0 }

/** RFC 9110 §9.3: methods whose requests have content. */
const withContent: ReadonlySet<Method> = new Set(['POST', 'PUT', 'PATCH'])

export type RequestSource = Pick<
  DriverPlan,
  'runToken' | 'driver' | 'target' | 'authority' | 'tls' | 'control' | 'path' | 'requests'
>

export function buildRequestText(lane: Lane, keeps: boolean, plan: RequestSource): RequestText {
  return {
    before: `${buildHead(lane, keeps, plan)}\r\nx-request-id: ${formatIdPrefix(plan)}`,
    after: `\r\n\r\n${'x'.repeat(getRequestPlan(lane, plan).bodyBytes)}`,
  }
}

function getRequestPlan(lane: Lane, { requests }: RequestSource): Required<RequestPlan> {
  return lane === 'control' ? controlRequest : requests[lane]
}

function buildHead(lane: Lane, keeps: boolean, plan: RequestSource): string {
  const { method, headers, bodyBytes } = getRequestPlan(lane, plan)
  return [
    `${method} ${lane === 'control' ? controlPath : plan.path} HTTP/1.1`,
    `host: ${formatHost(lane, plan)}`,
    ...(keeps ? [] : ['connection: close']),
    ...buildContentLines(method, headers, bodyBytes),
    ...Object.entries(headers).map(([key, text]) => `${key}: ${text}`),
  ].join('\r\n')
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
