/**
 * The client library's typed calls, sent over our own connections. The library itself makes an agent for each call, whose connection stays
 * open as long as the server allows (https://github.com/kubernetes-client/javascript).
 */
import type { IncomingMessage } from 'node:http'
import {
  AppsV1Api,
  CoreV1Api,
  KubernetesObjectApi,
  PolicyV1Api,
  ResponseContext,
  SelfDecodingBody,
  ServerConfiguration,
  VersionApi,
  createConfiguration,
  wrapHttpLibrary,
} from '@kubernetes/client-node'
import type { RequestContext } from '@kubernetes/client-node'

export interface RawRequest {
  method?: string
  /** Path and query, relative to the server's address. */
  path: string
  /** In addition to the credentials; the body is JSON unless they say otherwise. */
  headers?: Record<string, string>
  body?: string
  signal?: AbortSignal
}

export interface TypedCalls {
  core: CoreV1Api
  apps: AppsV1Api
  policy: PolicyV1Api
  version: VersionApi
  objects: KubernetesObjectApi
}

/** Sends a request with credentials, and reads the complete answer. */
export type Exchange = (request: RawRequest) => Promise<{ response: IncomingMessage; body: Buffer }>

export function createTypedCalls(exchange: Exchange): TypedCalls {
  // A placeholder: the exchange knows the server.
  const baseServer = new ServerConfiguration('https://kubernetes', {})
  const send = (call: RequestContext): Promise<ResponseContext> => sendCall(call, exchange)
  const calls = createConfiguration({ baseServer, httpApi: wrapHttpLibrary({ send }) })
  return {
    core: new CoreV1Api(calls),
    apps: new AppsV1Api(calls),
    policy: new PolicyV1Api(calls),
    version: new VersionApi(calls),
    objects: new KubernetesObjectApi(calls),
  }
}

async function sendCall(call: RequestContext, exchange: Exchange): Promise<ResponseContext> {
  const [body, signal] = [call.getBody(), call.getSignal()]
  if (body !== undefined && typeof body !== 'string') throw new TypeError('Cannot send a body that is not a text')
  const { pathname, search } = new URL(call.getUrl())
  const about = { method: call.getHttpMethod(), path: pathname + search, headers: call.getHeaders() }
  const answer = await exchange({ ...about, ...(body !== undefined && { body }), ...(signal && { signal }) })
  const { statusCode = 0, headers } = answer.response
  const fields = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  return new ResponseContext(statusCode, fields, new SelfDecodingBody(Promise.resolve(answer.body)))
}
