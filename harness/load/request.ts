/** The bytes of requests: everything but the number is put together once. */
import type { Lane } from '../model/plan.ts'
import type { DriverPlan } from './protocol.ts'

export interface RequestText {
  /** The request's id, as its `x-request-id` carries it. */
  id(seq: number): string
  /** The whole request, latin1. */
  of(lane: Lane, seq: number): string
}

export function requestText(
  plan: Pick<DriverPlan, 'runToken' | 'driver' | 'target' | 'path' | 'postBytes'>,
): RequestText {
  const { runToken, driver, target, path, postBytes } = plan
  const host = target.host.includes(':') ? `[${target.host}]` : target.host
  const idPrefix = `${runToken}-${driver}-`
  const head = (method: string, fields: string): string =>
    `${method} ${path} HTTP/1.1\r\nhost: ${host}:${target.port}\r\n${fields}x-request-id: ${idPrefix}`
  const post = `content-type: text/plain\r\ncontent-length: ${postBytes}\r\n`
  const before: Record<Lane, string> = {
    fresh: head('GET', 'connection: close\r\n'),
    reused: head('GET', ''),
    'reused-post': head('POST', post),
  }
  const end = '\r\n\r\n'
  const after: Record<Lane, string> = { fresh: end, reused: end, 'reused-post': end + 'x'.repeat(postBytes) }
  return { id: (seq) => idPrefix + seq, of: (lane, seq) => before[lane] + seq + after[lane] }
}
