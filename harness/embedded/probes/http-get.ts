/** HTTP requests of probes and hooks, made like those of the kubelet's client. */
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Container, Probe } from '../store/objects.ts'

type HttpGetAction = NonNullable<Probe['httpGet']>

export interface HttpTarget {
  url: URL
  headers: Record<string, string>
}
export interface HttpAnswer {
  status: number
  body: string
  location: string | undefined
}

/** The kubelet reads at most this much of an answer (maxRespBodyLength, pkg/probe/http). */
const bodyLimit = 10 * 1024

/** Throws when the port is a name that the container does not define. */
export function resolveHttpTarget(
  action: HttpGetAction,
  container: Container,
  podIp: string,
  userAgent: string,
): HttpTarget {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase()
  const host = action.host === undefined || action.host === '' ? podIp : action.host
  const port = resolveContainerPort(action.port, container)
  const path = action.path ?? '/'
  const url = new URL(path.startsWith('/') ? path : `/${path}`, `${scheme}://${host}:${port}`)
  const headers: Record<string, string> = { 'User-Agent': userAgent, Accept: '*/*' }
  for (const { name, value } of action.httpHeaders ?? []) {
    const known = Object.keys(headers).find((key) => key.toLowerCase() === name.toLowerCase())
    if (known !== undefined) delete headers[known]
    // An empty value removes a default header (Kubernetes docs, "HTTP probes").
    if (value !== '') headers[name] = value
  }
  return { url, headers }
}

/** A port by number or by its name in the container. */
export function resolveContainerPort(port: number | string, container: Container): number {
  const number = Number(port)
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number
  const named = container.ports?.find(({ name }) => name === port)
  if (!named) throw new Error(`couldn't find port: ${JSON.stringify(port)} in container ${container.name}`)
  return named.containerPort
}

/** One exchange on a new connection. Rejects with the kubelet's text. */
export function sendHttpGet({ url, headers }: HttpTarget, signal: AbortSignal): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const request = send(url, {
    // No keep-alive: every probe uses a new connection; certificates are not verified (pkg/probe/http).
    agent: false,
    headers: { ...headers, Connection: 'close' },
    signal,
    ...(url.protocol === 'https:' && { rejectUnauthorized: false }),
  })
  request.on('error', (error: NodeJS.ErrnoException) =>
    reject(new Error(`Get "${formatUrl(url)}": ${formatRequestError(error, url)}`)),
  )
  request.on('response', (response: IncomingMessage) => {
    let body = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      body += chunk
      if (body.length > bodyLimit) response.destroy()
    })
    response.on('close', () =>
      resolve({
        status: response.statusCode ?? 0,
        body: body.slice(0, bodyLimit),
        location: response.headers.location,
      }),
    )
    response.on('error', () => response.destroy())
  })
  request.end()
  return promise
}

function formatRequestError({ code, message }: NodeJS.ErrnoException, url: URL): string {
  const dial = `dial tcp ${url.hostname}:${getPort(url)}`
  if (code === 'ABORT_ERR') return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
  if (code === 'ECONNREFUSED') return `${dial}: connect: connection refused`
  if (code === 'EHOSTUNREACH') return `${dial}: connect: no route to host`
  if (code === 'ECONNRESET') return message === 'socket hang up' ? 'EOF' : 'read: connection reset by peer'
  return message
}

/** With the port, which the kubelet always has in its URLs and `URL` omits if it is the default. */
function formatUrl(url: URL): string {
  return `${url.protocol}//${url.hostname}:${getPort(url)}${url.pathname}${url.search}`
}

function getPort({ port, protocol }: URL): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port
}
