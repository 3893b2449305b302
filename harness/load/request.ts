/** The bytes of requests: everything but the number is put together once. */
import { lanes } from '../model/plan.ts'
import type { Lane } from '../model/plan.ts'
import type { DriverPlan } from './protocol.ts'
import { routesOf } from './route.ts'

export interface RequestText {
  /** The request's id, as its `x-request-id` carries it. */
  id(seq: number): string
  /** The whole request, latin1. */
  of(lane: Lane, seq: number): string
}

/** The control pod is not there to work. */
const controlPath = '/'

export function requestText(
  plan: Pick<DriverPlan, 'runToken' | 'driver' | 'target' | 'workload' | 'control' | 'path' | 'postBytes'>,
): RequestText {
  const { runToken, driver, path, postBytes } = plan
  const routes = routesOf(plan)
  const idPrefix = `${runToken}-${driver}-`
  const headOf = (lane: Lane): string => {
    const { target, keeps } = routes[lane]
    const host = target.host.includes(':') ? `[${target.host}]` : target.host
    const post = lane === 'reused-post'
    return [
      `${post ? 'POST' : 'GET'} ${lane === 'control' ? controlPath : path} HTTP/1.1`,
      `host: ${host}:${target.port}`,
      ...(keeps ? [] : ['connection: close']),
      ...(post ? ['content-type: text/plain', `content-length: ${postBytes}`] : []),
      `x-request-id: ${idPrefix}`,
    ].join('\r\n')
  }
  const textsOf = (text: (lane: Lane) => string): Record<Lane, string> =>
    Object.fromEntries(lanes.map((lane) => [lane, text(lane)])) as Record<Lane, string>
  const before = textsOf(headOf)
  const after = textsOf((lane) => `\r\n\r\n${lane === 'reused-post' ? 'x'.repeat(postBytes) : ''}`)
  return { id: (seq) => idPrefix + seq, of: (lane, seq) => before[lane] + seq + after[lane] }
}
