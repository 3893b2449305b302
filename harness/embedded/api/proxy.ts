/** pods/proxy: any request, passed on to a port of the pod, with streamed bodies. */
import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { getErrorMessage } from '../../base/fault.ts'
import type { Answer, Call } from './call.ts'
import { ApiError, newBadRequest } from '../schema/status.ts'

/** RFC 9110 §7.6.1 and §11.7: headers of a single connection; and the token, which is for this API only. */
const ownHeaders = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'transfer-encoding']

export async function proxyToPod(call: Call): Promise<Answer> {
  const { request, response, signal } = call
  const { host, port } = findDestination(call)
  const search = call.request.url?.split('?').slice(1).join('?') ?? ''
  // A new connection for each request: a kept one might just be closing, and not every request may be sent twice.
  const forwarded = httpRequest({
    host,
    port,
    method: request.method,
    path: `/${call.target.rest}${search === '' ? '' : `?${search}`}`,
    headers: { ...removeHopByHopHeaders(request.headers), host: `${host}:${port}` },
    agent: false,
    signal,
  })
  const answered = waitForResponse(forwarded)
  const sending = pipeline(request, forwarded)
  // A pod may answer before it has read everything: then its answer counts, not the failed upload.
  sending.catch(() => undefined)
  let answer: IncomingMessage
  try {
    answer = await answered
  } catch (error) {
    if (signal.aborted) return undefined
    throw new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${getErrorMessage(error)}`)
  }
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, removeHopByHopHeaders(answer.headers))
  // An answer that breaks off also breaks off for the client: pipeline destroys both.
  await pipeline(answer, response).catch(() => undefined)
  return undefined
}

function waitForResponse(forwarded: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    forwarded.once('response', resolve)
    forwarded.once('error', reject)
    forwarded.once('close', () => reject(new Error('the connection closed without a response')))
  })
}

function removeHopByHopHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  const dropped = new Set([...ownHeaders, ...named, 'authorization', 'expect'])
  const kept = Object.entries(headers).filter(([name]) => !dropped.has(name))
  // Without a length the body is sent in chunks.
  return Object.fromEntries(kept)
}

/** `NAME`, `NAME:PORT` or `http:NAME:PORT`; without a port the first port of any container. */
function findDestination({ store, target }: Call): { host: string; port: number } {
  const parts = target.name.split(':')
  const [scheme, name, port] = parts.length === 3 ? parts : ['', ...parts]
  if (name === undefined || parts.length > 3 || (scheme !== '' && scheme !== 'http')) {
    throw newBadRequest(`invalid pod request ${JSON.stringify(target.name)}`)
  }
  const { spec, status } = store.read('pods', name, target.namespace)
  const ports = spec?.containers.flatMap((container) => container.ports ?? []) ?? []
  const named = ports.find((one) => one.name === port)?.containerPort
  const number = port ? (named ?? Number(port)) : (ports[0]?.containerPort ?? 80)
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw newBadRequest(`invalid pod request ${JSON.stringify(target.name)}`)
  }
  const host = status?.podIP
  if (!host) {
    throw new ApiError(503, 'ServiceUnavailable', `error trying to reach service: pod ${name} has no address yet`)
  }
  return { host, port: number }
}
