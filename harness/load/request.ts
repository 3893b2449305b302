/** The bytes of requests: everything but the number is put together once. */
import { lanes } from '../model/plan.ts'
import type { Method, RequestPlan } from '../model/client.ts'
import type { Lane } from '../model/plan.ts'
import type { DriverPlan } from './protocol.ts'
import { keeping } from './route.ts'

export interface RequestText {
  /** The request's id, as its `x-request-id` carries it. */
  id(seq: number): string
  /** The whole request, latin1. */
  of(lane: Lane, seq: number): string
}

/** The control pod is not there to work. */
const controlPath = '/'
const controlRequest: Required<RequestPlan> = { method: 'GET', headers: {}, bodyBytes: 0 }

/** RFC 9110 §9.3: methods whose requests have content. */
const withContent: ReadonlySet<Method> = new Set(['POST', 'PUT', 'PATCH'])

type Asked = Pick<DriverPlan, 'runToken' | 'driver' | 'target' | 'authority' | 'tls' | 'control' | 'path' | 'requests'>

export function requestText(plan: Asked): RequestText {
  const idPrefix = `${plan.runToken}-${plan.driver}-`
  const textsOf = (text: (lane: Lane) => string): Record<Lane, string> =>
    Object.fromEntries(lanes.map((lane) => [lane, text(lane)])) as Record<Lane, string>
  const before = textsOf((lane) => `${headOf(lane, plan)}\r\nx-request-id: ${idPrefix}`)
  const after = textsOf((lane) => `\r\n\r\n${'x'.repeat(requestOf(lane, plan).bodyBytes)}`)
  return { id: (seq) => idPrefix + seq, of: (lane, seq) => before[lane] + seq + after[lane] }
}

function requestOf(lane: Lane, { requests }: Asked): Required<RequestPlan> {
  return lane === 'control' ? controlRequest : requests[lane]
}

function headOf(lane: Lane, plan: Asked): string {
  const { method, headers, bodyBytes } = requestOf(lane, plan)
  return [
    `${method} ${lane === 'control' ? controlPath : plan.path} HTTP/1.1`,
    `host: ${hostOf(lane, plan)}`,
    ...(keeping[lane] ? [] : ['connection: close']),
    ...contentLines(method, headers, bodyBytes),
    ...Object.entries(headers).map(([key, text]) => `${key}: ${text}`),
  ].join('\r\n')
}

function hostOf(lane: Lane, { target, authority, control, tls }: Asked): string {
  const ofControl = lane === 'control' ? control : null
  if (ofControl === null && authority !== null) return authority
  const { host, port } = ofControl?.target ?? target
  const name = (ofControl === null && tls?.serverName) || host
  return `${name.includes(':') ? `[${name}]` : name}:${port}`
}

function contentLines(method: Method, headers: Record<string, string>, bodyBytes: number): string[] {
  if (bodyBytes === 0 && !withContent.has(method)) return []
  const typed = Object.keys(headers).some((key) => key.toLowerCase() === 'content-type')
  return [...(typed || bodyBytes === 0 ? [] : ['content-type: text/plain']), `content-length: ${bodyBytes}`]
}
