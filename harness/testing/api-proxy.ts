/** A proxy in front of an API server that records requests, and answers in its place if a test wants that. */
import { request as httpsRequest, createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generate } from 'selfsigned'

export interface RecordedRequest {
  method: string
  path: string
  body: string
  authorization?: string
}

export interface ApiAnswer {
  status: number
  body: unknown
}

export interface ApiProxy extends AsyncDisposable {
  url: string
  /** PEM of its certificate. */
  cert: string
  requests: RecordedRequest[]
  /** Answers in the server's place, unless it returns `undefined`. */
  answer: (asked: RecordedRequest) => ApiAnswer | undefined
  /** A kubeconfig with this as its only context, which is not the current one. */
  kubeconfig(context: string, user?: object): string
}

export interface ApiProxyOptions {
  /** The server behind it; without one all other requests are answered with 404. */
  behind?: { url: string; ca: string; token: string }
  /** Expiry of the certificate. */
  notAfter?: Date
}

export async function startApiProxy({ behind, notAfter }: ApiProxyOptions = {}): Promise<ApiProxy> {
  const pems = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    ...(notAfter && { notBeforeDate: new Date(0), notAfterDate: notAfter }),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const requests: RecordedRequest[] = []
  const server = createServer({ key: pems.private, cert: pems.cert })
  const front: Pick<ApiProxy, 'answer'> = { answer: () => undefined }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void readText(request).then((body) => {
      const { method = '', url: path = '', headers } = request
      const one: RecordedRequest = {
        method,
        path,
        body,
        ...(headers.authorization && { authorization: headers.authorization }),
      }
      requests.push(one)
      const answer = front.answer(one) ?? (behind ? undefined : { status: 404, body: { message: 'not found' } })
      if (answer) response.writeHead(answer.status, json).end(JSON.stringify(answer.body))
      else if (behind) forwardRequest(request, response, { ...behind, body })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(front, {
    url,
    cert: pems.cert,
    requests,
    kubeconfig: (context: string, user: object = { token: 'front' }) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority-data': encodeBase64(pems.cert) } }],
        users: [{ name: 'u', user }],
        contexts: [{ name: context, context: { cluster: 'c', user: 'u' } }],
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

const resources: Record<string, readonly string[]> = {
  '/api/v1': ['Service', 'Pod', 'ConfigMap'],
  '/apis/apps/v1': ['Deployment'],
  '/apis/batch/v1': ['Job'],
}

/** Answers like an API server whose user may write everything, but which starts no pod: each namespace has the UID `u1`. */
export function acceptWrites({ method, path, body }: RecordedRequest): ApiAnswer | undefined {
  if (method === 'POST' && path === '/api/v1/namespaces') return { status: 201, body: { metadata: { uid: 'u1' } } }
  if (method === 'POST') return { status: 201, body: JSON.parse(body) as unknown }
  if (method !== 'GET') return { status: 200, body: {} }
  if (path.endsWith('/serviceaccounts/default')) return { status: 200, body: {} }
  const kinds = resources[path]?.map((kind) => ({ name: `${kind.toLowerCase()}s`, kind, namespaced: true }))
  return kinds && { status: 200, body: { resources: kinds } }
}

/** Answers a list of pods: there are none. */
export function listNoPods({ method, path }: RecordedRequest): ApiAnswer | undefined {
  return method === 'GET' && /\/pods(\?|$)/.test(path)
    ? { status: 200, body: { kind: 'PodList', items: [] } }
    : undefined
}

/** An API server's answer to a request that it refuses. */
export function buildRefusal(status: number, message: string): ApiAnswer {
  return { status, body: { kind: 'Status', message, code: status } }
}

const json = { 'content-type': 'application/json' }

async function readText(request: IncomingMessage): Promise<string> {
  return (await request.setEncoding('utf8').toArray()).join('')
}

/** Streams are passed on as they come, and end on both sides when they end on one. */
function forwardRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { url, ca, token, body }: NonNullable<ApiProxyOptions['behind']> & { body: string },
): void {
  const { host: _, 'transfer-encoding': __, ...headers } = request.headers
  const options = {
    method: request.method,
    ca,
    headers: { ...headers, authorization: `Bearer ${token}`, 'content-length': Buffer.byteLength(body) },
  }
  const outgoing = httpsRequest(new URL(request.url ?? '/', url), options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response).flushHeaders()
    answer.on('error', () => response.destroy())
  })
  outgoing.on('error', () => response.destroy())
  response.on('close', () => outgoing.destroy())
  outgoing.end(body)
}

function encodeBase64(text: string): string {
  return Buffer.from(text).toString('base64')
}
