/** For tests: the API on its own port, and a client that returns complete responses. */
import { request } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { KubeConfig } from '@kubernetes/client-node'
import type { Deployment, KubeObject, Pod } from '../store/objects.ts'
import { Store } from '../store/store.ts'
import { kubeconfigFor, newCredentials, startApi } from '../api/server.ts'
import type { PodLogs } from '../store/pod-logs.ts'
import type { Status } from '../schema/status.ts'

export interface Reply<T> {
  code: number
  headers: IncomingHttpHeaders
  text: string
  body: T
}

export interface AskOptions {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

export interface TestApi extends AsyncDisposable {
  store: Store
  url: string
  cert: string
  token: string
  kubeconfig: string
  config: KubeConfig
  /** The complete response; `body` is its parsed JSON. */
  ask<T = KubeObject & Status>(path: string, options?: AskOptions): Promise<Reply<T>>
  /** The response as soon as its headers are there. */
  open(path: string, options?: AskOptions): Promise<IncomingMessage>
}

const noLogs: PodLogs = {
  // oxlint-disable-next-line require-yield -- there is nothing to yield
  async *read() {
    await Promise.resolve()
  },
}

// One for all: making it takes longer than everything else.
const credentials = newCredentials()

export async function startTestApi(logs: PodLogs = noLogs): Promise<TestApi> {
  const store = new Store()
  const { key, cert, token } = await credentials
  const listen = { host: '127.0.0.1', port: 0 }
  const api = await startApi({ store, listen, tls: { key, cert }, token, logs })
  const kubeconfig = kubeconfigFor({ url: api.url, cert, token })
  const config = new KubeConfig()
  config.loadFromString(kubeconfig)
  const openRequest = (
    path: string,
    { method = 'GET', body, headers = {} }: AskOptions = {},
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
      // Node sends the body of a DELETE correctly only with an explicit length.
      const framing = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text ?? '') }
      const all = { authorization: `Bearer ${token}`, ...(text !== undefined && framing), ...headers }
      const outgoing = request(`${api.url}${path}`, { method, headers: all, ca: cert, agent: false }, resolve)
      outgoing.once('error', reject)
      outgoing.end(text)
    })
  const sendRequest = async <T>(path: string, options?: AskOptions): Promise<Reply<T>> => {
    const response = await openRequest(path, options)
    const text = (await response.toArray()).join('')
    const isJson = response.headers['content-type'] === 'application/json'
    const body = (isJson ? JSON.parse(text) : undefined) as T
    return { code: response.statusCode ?? 0, headers: response.headers, text, body }
  }
  const closeApi = (): PromiseLike<void> => api[Symbol.asyncDispose]()
  return {
    store,
    url: api.url,
    cert,
    token,
    kubeconfig,
    config,
    ask: sendRequest,
    open: openRequest,
    [Symbol.asyncDispose]: async () => {
      await closeApi()
    },
  }
}

export interface WatchEvent {
  type: string
  object: KubeObject & Status & { rows?: { cells: unknown[] }[]; columnDefinitions?: unknown }
}

/** The events of a watch, one by one; leaving the loop ends the watch. */
export async function* readWatchEvents(response: IncomingMessage): AsyncGenerator<WatchEvent, undefined> {
  let rest = ''
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as WatchEvent
  }
}

export function createTestPod(
  name: string,
  more: Omit<Pod, 'metadata'> & { labels?: Record<string, string> } = {},
): Pod {
  const { labels, ...rest } = more
  return {
    metadata: { name, namespace: 'default', ...(labels && { labels }) },
    spec: { nodeName: 'node-1', terminationGracePeriodSeconds: 30, containers: [{ name: 'main', image: 'web:1' }] },
    ...rest,
  }
}

export function createTestDeployment(name: string, spec: Partial<Deployment['spec']> = {}): Deployment {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'web:1' }] } }
  return { metadata: { name, namespace: 'default' }, spec: { selector: { matchLabels: labels }, template, ...spec } }
}
