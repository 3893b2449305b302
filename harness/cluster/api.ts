/** The Kubernetes API of one cluster, by one private kubeconfig: typed calls, and raw ones for what must be stamped or streamed. */
import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { AppsV1Api, CoreV1Api, KubeConfig, KubernetesObjectApi, PolicyV1Api, VersionApi } from '@kubernetes/client-node'
import { messageOf } from '../fault.ts'

export interface RawRequest {
  method?: 'GET' | 'POST'
  /** Path and query below the server's address. */
  path: string
  body?: string
  signal?: AbortSignal
}

export interface KubeApi {
  core: CoreV1Api
  apps: AppsV1Api
  policy: PolicyV1Api
  version: VersionApi
  objects: KubernetesObjectApi
  /** Whatever the status; rejects only when no whole answer came. */
  request(request: RawRequest): Promise<{ status: number; body: string }>
  /** Resolves with the answer's head; its body streams. */
  open(request: RawRequest): Promise<IncomingMessage>
  close(): void
}

export function connectApi(kubeconfig: string): KubeApi {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const server = new URL(config.getCurrentCluster()?.server ?? '')
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  const security = securityOf(config)

  async function open(request: RawRequest): Promise<IncomingMessage> {
    const { signal } = request
    const options: RequestOptions = {
      ...(await security),
      agent,
      method: request.method ?? 'GET',
      ...(signal && { signal }),
    }
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest(new URL(request.path, server), options, resolve)
      outgoing.on('error', reject)
      outgoing.end(request.body)
    })
  }

  return {
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    policy: config.makeApiClient(PolicyV1Api),
    version: config.makeApiClient(VersionApi),
    objects: KubernetesObjectApi.makeApiClient(config),
    open,
    async request(request) {
      const response = await open(request)
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }
    },
    close: () => agent.destroy(),
  }
}

/** Certificates and headers as the kubeconfig says; its own agent is left out, ours keeps connections. */
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
  if (typeof error === 'object' && error !== null && 'body' in error) {
    const { body } = error
    const status: unknown = typeof body === 'string' ? parsed(body) : body
    if (typeof status === 'object' && status !== null && 'message' in status) return String(status.message)
  }
  return messageOf(error)
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return { message: body }
  }
}
