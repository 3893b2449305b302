/** The Kubernetes API of one cluster, by one private kubeconfig: typed calls, and raw ones for what must be stamped or streamed. */
import { readFileSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { dirname } from 'node:path'
import { AppsV1Api, CoreV1Api, KubernetesObjectApi, PolicyV1Api, VersionApi } from '@kubernetes/client-node'
import type { KubeConfig } from '@kubernetes/client-node'
import { messageOf } from '../fault.ts'
import { answerLimitMs, bodyOf, jsonBodyOf } from './answer.ts'
import { GuardedConfig, identityIn, keptIdentity } from './identity.ts'

export interface RawRequest {
  method?: 'GET' | 'POST'
  /** Path and query below the server's address. */
  path: string
  /** Beside those of every request. */
  headers?: Readonly<Record<string, string>>
  body?: string
  signal?: AbortSignal
}

export interface KubeApi {
  core: CoreV1Api
  apps: AppsV1Api
  policy: PolicyV1Api
  version: VersionApi
  objects: KubernetesObjectApi
  /** Whatever the status; rejects only when no whole answer came, in time and of a size that it may have. */
  request(request: RawRequest): Promise<{ status: number; body: string }>
  /** Resolves with the answer's head; its body streams. */
  open(request: RawRequest): Promise<IncomingMessage>
  /** Throws a Fault when another cluster answers: for those who conclude from a read that something is gone. */
  mustBeSame(): Promise<void>
  /** Aborts when a write was refused because it would have reached another cluster than the kubeconfig was made for. */
  readonly moved: AbortSignal
  close(): void
}

/** By a kubeconfig's path. Every way to the API begins here, so no write gets around the check of the cluster's identity. */
export function connectApi(kubeconfig: string): KubeApi {
  return apiOf(readFileSync(kubeconfig, 'utf8'), dirname(kubeconfig))
}

/** By a kubeconfig's text; its paths count from `directory`. */
export function apiOf(kubeconfig: string, directory = '.'): KubeApi {
  const kept = keptIdentity(identityIn(kubeconfig), (path, signal) => request({ path, signal }))
  const config = new GuardedConfig(kept.admit)
  config.loadFromString(kubeconfig)
  config.makePathsAbsolute(directory)
  const server = new URL(config.getCurrentCluster()?.server ?? '')
  // Every watch and every log that is followed holds a connection for as long as it lasts.
  const agent = new Agent({ keepAlive: true })

  async function open(request: RawRequest): Promise<IncomingMessage> {
    const { signal, method = 'GET' } = request
    await kept.admit(method)
    const security = await securityOf(config)
    const headers = Object.assign({}, security.headers, request.headers)
    const options: RequestOptions = { ...security, headers, agent, method, ...(signal && { signal }) }
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest(new URL(request.path, server), options, resolve)
      outgoing.on('error', reject)
      outgoing.end(request.body)
    })
  }

  async function request(raw: RawRequest): Promise<{ status: number; body: string }> {
    const limit = AbortSignal.timeout(answerLimitMs)
    const signal = raw.signal ? AbortSignal.any([raw.signal, limit]) : limit
    try {
      const response = await open({ ...raw, signal })
      const isJson = response.headers['content-type']?.includes('json') ?? true
      const body = isJson ? await jsonBodyOf(response) : (await bodyOf(response)).toString('utf8')
      return { status: response.statusCode ?? 0, body }
    } catch (error) {
      // A body that is given up looks like a connection that was cut.
      signal.throwIfAborted()
      throw error
    }
  }

  return {
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    policy: config.makeApiClient(PolicyV1Api),
    version: config.makeApiClient(VersionApi),
    objects: KubernetesObjectApi.makeApiClient(config),
    open,
    request,
    mustBeSame: kept.check,
    moved: kept.moved,
    close: () => agent.destroy(),
  }
}

/**
 * Certificates and headers as the kubeconfig says, asked for each request because tokens expire; the client keeps what has
 * not. Its own agent is left out, ours keeps connections.
 */
async function securityOf(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  delete options.agent
  options.headers = Object.assign({}, options.headers, { 'content-type': 'application/json' })
  return options
}

/** The HTTP status of an API error, 0 when the server did not answer. */
export function statusOf(error: unknown): number {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number'
    ? error.code
    : 0
}

/** What the API server said, without the client's wrapping. */
export function apiMessage(error: unknown): string {
  const { message } = answerIn(error)
  return typeof message === 'string' ? message : messageOf(error)
}

/** A field that the API server complains of (metav1.StatusCause). */
export interface ApiCause {
  field: string
  message: string
}

/** Of an object that is not valid; a decoder that meets unknown fields names them in its message only. */
export function causesOf(error: unknown): ApiCause[] {
  const { details } = answerIn(error)
  const { causes } = typeof details === 'object' && details !== null && 'causes' in details ? details : {}
  if (Array.isArray(causes)) {
    return causes.map((cause: Partial<ApiCause>) => ({ field: cause.field ?? '', message: cause.message ?? '' }))
  }
  const message = apiMessage(error)
  return [...message.matchAll(/unknown field "(?<field>[^"]+)"/g)].map(({ groups }) => ({
    field: groups?.['field'] ?? '',
    message,
  }))
}

/** The body of its answer, a metav1.Status. */
function answerIn(error: unknown): { message?: unknown; details?: unknown } {
  const body: unknown = typeof error === 'object' && error !== null && 'body' in error ? error.body : undefined
  const status: unknown = typeof body === 'string' ? parsed(body) : body
  return typeof status === 'object' && status !== null ? status : {}
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return { message: body }
  }
}
