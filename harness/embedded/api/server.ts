/** The Kubernetes API of the embedded cluster: the part that nodrop and kubectl need, over HTTPS with a bearer token. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import type { Store } from '../store/store.ts'
import type { Answer, Call } from './call.ts'
import { findDiscoveryDocument } from '../kubectl/discovery.ts'
import type { PodLogs } from '../store/pod-logs.ts'
import { reviewAccess, routeCall, parseTarget } from './router.ts'
import { ApiError, newMethodNotSupported, toStatus, newUnknownPath } from '../schema/status.ts'

export { formatKubeconfig as kubeconfigFor, createCredentials as newCredentials } from './credentials.ts'
export { ApiError } from '../schema/status.ts'

export interface ApiOptions {
  store: Store
  /** A socket that is already bound, perhaps in another network namespace; or the address to bind to. */
  listen: { fd: number } | { host: string; port: number }
  tls: { key: string; cert: string }
  token: string
  logs: PodLogs
}

export interface ApiServer extends AsyncDisposable {
  readonly url: string
}

/** Starts serving; creates the namespaces `default` and `kube-system` if they are missing. */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  const { store, listen, tls } = options
  for (const name of ['default', 'kube-system']) {
    if (!store.get('namespaces', name)) store.create('namespaces', createNamespace(name))
  }
  const closing = new AbortController()
  const server = createServer({ ...tls, ALPNProtocols: ['http/1.1'], minVersion: 'TLSv1.2' })
  // Clients keep connections for reuse, and should close them before the server does.
  server.keepAliveTimeout = 180_000
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void serveRequest(options, { request, response, closing: closing.signal })
  })
  try {
    server.listen(listen)
    await once(server, 'listening')
  } catch (error) {
    const where = 'fd' in listen ? `socket ${listen.fd}` : `${listen.host}:${listen.port}`
    const advice = 'Choose another port, or end what listens there.'
    throw new Fault(
      'environment',
      `Cannot serve the embedded cluster's API on ${where}: ${getErrorMessage(error)}`,
      advice,
    )
  }
  const { address, port } = server.address() as AddressInfo
  return {
    url: `https://${address}:${port}`,
    [Symbol.asyncDispose]: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      closing.abort()
      server.closeAllConnections()
      await closed
    },
  }
}

function createNamespace(name: string): { metadata: object; spec: object; status: object } {
  const labels = { 'kubernetes.io/metadata.name': name }
  return { metadata: { name, labels }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  closing: AbortSignal
}

async function serveRequest(options: ApiOptions, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  // A client that disconnects in the middle is normal; the signal triggers the clean-up.
  response.on('error', () => undefined)
  try {
    const answer = await handleRequest(options, exchange)
    if (answer) sendAnswer(response, answer)
  } catch (error) {
    if (response.headersSent) response.destroy()
    else sendError(request, response, error)
  }
}

async function handleRequest(options: ApiOptions, { request, response, closing }: Exchange): Promise<Answer> {
  const { path, query } = parseUrl(request)
  const open = findPublicDocument(path)
  if (open !== undefined) return answerPublicDocument(request, response, open)
  authenticate(request, options.token)
  if (path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') return reviewAccess(request)
  if (path === '/openapi/v2') return sendEmptyOpenApiV2(response)
  const document = findDiscoveryDocument(path)
  if (document) {
    if (request.method !== 'GET') throw newMethodNotSupported()
    return { code: 200, body: document }
  }
  const target = parseTarget(path)
  if (!target) throw newUnknownPath()
  const { store, logs } = options
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const call: Call = { store, logs, request, response, query, target, signal: AbortSignal.any([gone.signal, closing]) }
  return routeCall(call)
}

/**
 * The older OpenAPI document that kubectl reads, in protobuf, where zero bytes are a document without kinds. kubectl requests it for a kind
 * that the newer one lacks; without an answer it reports a failed validation instead of an unknown kind.
 */
function sendEmptyOpenApiV2(response: ServerResponse): undefined {
  response.writeHead(200, { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' }).end()
  return undefined
}

function parseUrl(request: IncomingMessage): { path: string; query: URLSearchParams } {
  const [path = '/', ...search] = (request.url ?? '/').split('?')
  const trimmed = path.length > 1 && path.endsWith('/') && !path.includes('/proxy/') ? path.slice(0, -1) : path
  return { path: trimmed, query: new URLSearchParams(search.join('?')) }
}

/** The documents that an API server returns without credentials: health and version. */
function findPublicDocument(path: string): string | object | undefined {
  if (/^\/(healthz|livez|readyz)$/.test(path)) return 'ok'
  if (path !== '/version') return undefined
  const build = { gitCommit: '', gitTreeState: '', buildDate: '', goVersion: '', compiler: '' }
  const platform = `${process.platform}/${process.arch}`
  return { major: '1', minor: '34', gitVersion: 'v1.34.4+nodrop', ...build, platform }
}

function answerPublicDocument(request: IncomingMessage, response: ServerResponse, open: string | object): Answer {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw newMethodNotSupported()
  if (typeof open !== 'string') return { code: 200, body: open }
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(open)
  return undefined
}

/** Compares digests of equal length, so that the time reveals nothing about the token. */
function authenticate(request: IncomingMessage, token: string): void {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  if (timingSafeEqual(hashToken(given), hashToken(token)) && token !== '') return
  throw new ApiError(401, 'Unauthorized', 'Unauthorized')
}

function hashToken(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function sendAnswer(response: ServerResponse, { code, body }: NonNullable<Answer>): void {
  const text = JSON.stringify(body)
  response.writeHead(code, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-cache, private',
  })
  response.end(text)
}

function sendError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const status = toStatus(error)
  const seconds = status.details?.retryAfterSeconds
  if (seconds !== undefined) response.setHeader('retry-after', String(seconds))
  if (status.code === 401) response.setHeader('www-authenticate', 'Bearer')
  // Without this Node would read the rest of an unwanted body before the next request.
  if (!request.complete) response.setHeader('connection', 'close')
  sendAnswer(response, { code: status.code, body: status })
}
