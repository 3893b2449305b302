/**
 * The Kubernetes API of one cluster, by one private kubeconfig: typed calls, and raw ones for what must be stamped or streamed.
 * All of them share one set of connections and are bounded in time.
 */
import { readFileSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { dirname } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import type { ExecPlugin } from '../plan/kubeconfig.ts'
import { getErrorMessage } from '../base/fault.ts'
import { pause } from '../base/polling.ts'
import { traceApiCall } from '../base/tracing.ts'
import { readBody, readJsonBody } from './response-body.ts'
import { parseIdentity, createIdentityGuard } from './identity.ts'
import { PluginCredentials } from './context/plugin-credentials.ts'
import { createTypedCalls } from './typed-calls.ts'
import type { Exchange, RawRequest, TypedCalls } from './typed-calls.ts'

export interface KubeApi extends TypedCalls {
  /** Whatever the status; rejects only when no whole answer came, in time and of a size that it may have. */
  request(request: RawRequest): Promise<{ status: number; body: string }>
  /** Resolves with the answer's head; its body streams. Nothing but the signal limits it in time. */
  open(request: RawRequest): Promise<IncomingMessage>
  /** Throws a Fault when another cluster answers: for those who conclude from a read that something is gone. */
  assertSameCluster(): Promise<void>
  /** Aborts when a write was refused because it would have reached another cluster than the kubeconfig was made for. */
  readonly identityChanged: AbortSignal
  close: () => void
}

export interface ConnectOptions {
  /** Aborts when the cluster has ended: from then on every call throws the reason instead of trying. */
  lost?: AbortSignal
  /** How long a whole answer may take; default: 30 s. */
  answerLimitMs?: number
}

/** What an API server itself gives a request at most is 60 s; one that is restarted answers again within half of that. */
const defaultLimitMs = 30_000
/** Shorter than servers and load balancers keep a connection that is idle, so that none is closed while it is taken up again. */
const idleMs = 30_000
/** From a broken connection to the news that the cluster's process has ended. */
const lossNewsMs = 1_000

/** By a kubeconfig's path. Every way to the API begins here, so no write gets around the check of the cluster's identity. */
export function connectApi(kubeconfig: string, options: ConnectOptions = {}): KubeApi {
  return createApi(readFileSync(kubeconfig, 'utf8'), dirname(kubeconfig), options)
}

/** By a kubeconfig's text; its paths count from `directory`. */
export function createApi(kubeconfig: string, directory = '.', options: ConnectOptions = {}): KubeApi {
  const { lost } = options
  const kept = createIdentityGuard(parseIdentity(kubeconfig), (path, signal) => requestText({ path, signal }))
  const config = new KubeConfig()
  config.loadFromString(kubeconfig)
  config.makePathsAbsolute(directory)
  const security = createSecurityProvider(config)
  const server = new URL(config.getCurrentCluster()?.server ?? '')
  const prefix = server.pathname.replace(/\/$/, '')
  // Every watch and every log that is followed holds a connection for as long as it lasts.
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 16, timeout: idleMs })

  async function sendRequest({ method = 'GET', path, headers, body, signal }: RawRequest): Promise<IncomingMessage> {
    lost?.throwIfAborted()
    await kept.admit(method)
    const how: RequestOptions = { ...(await security()), agent, method, ...(signal && { signal }) }
    // Node frames the body of a DELETE only when it is told its length.
    const framing = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    how.headers = Object.assign({}, how.headers, headers, framing)
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const endTrace = traceApiCall(method, path)
      const outgoing = httpsRequest(new URL(prefix + path, server), how, (response) => {
        response.once('close', () => endTrace(response.statusCode ?? 0))
        resolve(response)
      })
      outgoing.on('error', (error) => {
        endTrace(getErrorMessage(error))
        reject(error)
      })
      outgoing.end(body)
    })
  }

  async function openStream(raw: RawRequest): Promise<IncomingMessage> {
    try {
      return await sendRequest(raw)
    } catch (error) {
      throw await findFailureReason(error, lost)
    }
  }

  const exchange = createExchange(sendRequest, options)
  async function requestText(raw: RawRequest): Promise<{ status: number; body: string }> {
    const { response, body } = await exchange(raw)
    return { status: response.statusCode ?? 0, body: body.toString('utf8') }
  }

  return {
    ...createTypedCalls(exchange),
    open: openStream,
    request: requestText,
    assertSameCluster: kept.check,
    identityChanged: kept.changed,
    close: () => agent.destroy(),
  }
}

function createExchange(send: KubeApi['open'], { lost, answerLimitMs = defaultLimitMs }: ConnectOptions): Exchange {
  return async (raw) => {
    const limit = AbortSignal.timeout(answerLimitMs)
    try {
      const response = await send({ ...raw, signal: raw.signal ? AbortSignal.any([raw.signal, limit]) : limit })
      const isJson = response.headers['content-type']?.includes('json') ?? true
      return { response, body: await (isJson ? readJsonBody(response) : readBody(response)) }
    } catch (error) {
      raw.signal?.throwIfAborted()
      if (limit.aborted) throw new Error(`no whole answer came within ${answerLimitMs / 1000} s`, { cause: error })
      throw await findFailureReason(error, lost)
    }
  }
}

/** A connection breaks a moment before it is known that the cluster has ended: that is then the reason. */
async function findFailureReason(failure: unknown, lost: AbortSignal | undefined): Promise<unknown> {
  const isBroken = failure instanceof Error && 'code' in failure && failure.name !== 'AbortError'
  if (!lost || !isBroken) return failure
  await pause(lossNewsMs, lost)
  return lost.aborted ? lost.reason : failure
}

/**
 * Certificates and headers as the kubeconfig says, asked for each request because tokens expire; what has not expired is kept. The
 * client's own agent is left out, ours keeps connections.
 */
function createSecurityProvider(config: KubeConfig): () => Promise<RequestOptions> {
  const user = config.getCurrentUser() as { exec?: ExecPlugin } | null
  const plugin = user?.exec ? new PluginCredentials(user.exec) : null
  if (plugin) delete user?.exec
  return async () => {
    const options: RequestOptions = {}
    await config.applyToHTTPSOptions(options)
    delete options.agent
    const given = (await plugin?.options()) ?? {}
    const headers = Object.assign({ 'content-type': 'application/json' }, options.headers, given.headers)
    return { ...options, ...given, headers }
  }
}

/** The HTTP status of an API error, 0 when the server did not answer. */
export function getErrorStatus(error: unknown): number {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number'
    ? error.code
    : 0
}

/** What the API server said, without the client's wrapping. */
export function getApiMessage(error: unknown): string {
  const { message } = parseStatus(error)
  return typeof message === 'string' ? message : getErrorMessage(error)
}

/** A field that the API server complains of (metav1.StatusCause). */
export interface StatusCause {
  field: string
  message: string
}

/** Of an object that is not valid; a decoder that meets unknown fields names them in its message only. */
export function getStatusCauses(error: unknown): StatusCause[] {
  const { details } = parseStatus(error)
  const { causes } = typeof details === 'object' && details !== null && 'causes' in details ? details : {}
  if (Array.isArray(causes)) {
    return causes.map((cause: Partial<StatusCause>) => ({ field: cause.field ?? '', message: cause.message ?? '' }))
  }
  const message = getApiMessage(error)
  return [...message.matchAll(/unknown field "(?<field>[^"]+)"/g)].map(({ groups }) => ({
    field: groups?.['field'] ?? '',
    message,
  }))
}

/** The body of its answer, a metav1.Status. */
function parseStatus(error: unknown): { message?: unknown; details?: unknown } {
  const body: unknown = typeof error === 'object' && error !== null && 'body' in error ? error.body : undefined
  const status: unknown = typeof body === 'string' ? parseBody(body) : body
  return typeof status === 'object' && status !== null ? status : {}
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return { message: body }
  }
}
