/**
 * nodes/proxy/connections: new connections to a Service from the node's connection tracking, one line each, as long as the client reads.
 * Kubernetes has no such path; it is where a kubelet offers other facts about its node.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'
import { getErrorMessage } from '../../base/fault.ts'
import { openConnectionEvents } from '../network/connection-events.ts'
import type { ConnectionEvents, ServiceAddress } from '../network/connection-events.ts'
import { ApiError, newBadRequest, newMethodNotSupported, newUnknownPath } from '../schema/status.ts'
import type { Answer, Call } from './call.ts'

/** Lines are sent together: each has its own time, and a chunk of an answer costs more than many lines. */
const gatherMs = 50

export async function streamConnections(call: Call): Promise<Answer> {
  const { request, response, store, target, signal } = call
  if (target.rest !== 'connections') throw newUnknownPath()
  if (request.method !== 'GET') throw newMethodNotSupported()
  store.read('nodes', target.name)
  using events = openEvents(parseService(call))
  response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' })
  response.flushHeaders()
  signal.addEventListener('abort', () => events[Symbol.dispose](), { once: true })
  if (signal.aborted) return undefined
  for await (const chunk of events.output) {
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')])
    await sleep(gatherMs)
  }
  response.end()
  return undefined
}

function openEvents(service: ServiceAddress): ConnectionEvents {
  try {
    return openConnectionEvents(service)
  } catch (error) {
    throw new ApiError(501, 'NotImplemented', getErrorMessage(error))
  }
}

function parseService({ query }: Call): ServiceAddress {
  const address = query.get('address') ?? ''
  const port = Number(query.get('port') ?? '')
  if (!isIPv4(address)) throw newBadRequest(`address ${JSON.stringify(address)} is not an IPv4 address`)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw newBadRequest('port must be from 1 to 65535')
  return { address, port }
}
