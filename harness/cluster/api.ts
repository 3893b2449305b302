/**
 * The Kubernetes API of one cluster, by one private kubeconfig: typed calls, and raw ones where arrival must be stamped or a body streamed.
 * All share one set of connections and have time limits.
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
  /** Resolves for any status; rejects only without a complete answer of allowed size within the time limit. */
  request(request: RawRequest): Promise<{ status: number; body: string }>
  /** Resolves with the answer's head; its body is streamed. Only the signal limits its time. */
  open(request: RawRequest): Promise<IncomingMessage>
  /** Throws a Fault when another cluster answers: for callers that conclude from a read that something is gone. */
  assertSameCluster(): Promise<void>
  /** Aborts when a write was refused because it would have reached another cluster than the kubeconfig's. */
  readonly identityChanged: AbortSignal
  close: () => void
}

export interface ConnectOptions {
  /** Aborts when the cluster has ended: from then on every call throws the reason without trying. */
  lost?: AbortSignal
  /** Time limit for a complete answer; default: 30 s. */
  answerLimitMs?: number
}

/** An API server gives a request at most 60 s; a restarted one answers again within half of that. */
const defaultLimitMs = 30_000
/** Shorter than the idle timeouts of servers and load balancers, so that none closes a connection that is being reused. */
const idleMs = 30_000
/** Maximum time from a broken connection to the news that the cluster's process has ended. */
const lossNewsMs = 1_000

/** From a kubeconfig's path. All access to the API begins here, so that every write passes the check of the cluster's identity. */
export function connectApi(kubeconfig: string, options: ConnectOptions = {}): KubeApi {
  return createApi(readFileSync(kubeconfig, 'utf8'), dirname(kubeconfig), options)
}

/** From a kubeconfig's text; its relative paths are resolved against `directory`. */
export function createApi(kubeconfig: string, directory = '.', options: ConnectOptions = {}): KubeApi {
  const { lost } = options
  const kept = createIdentityGuard(parseIdentity(kubeconfig), (path, signal) => requestText({ path, signal }))
  const config = new KubeConfig()
  config.loadFromString(kubeconfig)
  config.makePathsAbsolute(directory)
  const security = createSecurityProvider(config)
  const server = new URL(config.getCurrentCluster()?.server ?? '')
  const prefix = server.pathname.replace(/\/$/, '')
  // Every watch and every followed log occupies a connection as long as it lasts.
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 16, timeout: idleMs })

  async function sendRequest({ method = 'GET', path, headers, body, signal }: RawRequest): Promise<IncomingMessage> {
    lost?.throwIfAborted()
    await kept.admit(method)
    const how: RequestOptions = { ...(await security()), agent, method, ...(signal && { signal }) }
    // Node sends the body of a DELETE correctly only with an explicit length.
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

/** A connection breaks a moment before the end of the cluster is known, which is then the reason. */
async function findFailureReason(failure: unknown, lost: AbortSignal | undefined): Promise<unknown> {
  const isBroken = failure instanceof Error && 'code' in failure && failure.name !== 'AbortError'
  if (!lost || !isBroken) return failure
  await pause(lossNewsMs, lost)
  return lost.aborted ? lost.reason : failure
}

/**
 * Certificates and headers of the kubeconfig, requested for each call because tokens expire; unexpired ones are cached. The library's own
 * agent is dropped, because ours keeps connections.
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

/** The API server's message, without the client library's wrapping. */
export function getApiMessage(error: unknown): string {
  const { message } = parseStatus(error)
  return typeof message === 'string' ? message : getErrorMessage(error)
}

/** A field that the API server reports as invalid (metav1.StatusCause). */
export interface StatusCause {
  field: string
  message: string
}

/** For an invalid object; a decoder names unknown fields only in its message. */
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
