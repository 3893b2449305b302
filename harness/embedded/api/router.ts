/** From a path and a method to the handler. */
import { hasStatusSubresource, kinds } from '../store/objects.ts'
import type { Plural } from '../store/objects.ts'
import { readBody } from './body.ts'
import type { Answer, Call, Target } from './call.ts'
import { streamConnections } from './connections.ts'
import { handleDeleteCollection, handleDelete } from './delete-handlers.ts'
import { evictPod } from './eviction.ts'
import { streamPodLog } from './logs.ts'
import { proxyToPod } from './proxy.ts'
import { getObject, listObjects } from './read.ts'
import { scaleObject } from './scale.ts'
import { ApiError, newBadRequest, newMethodNotSupported, newUnknownPath } from '../schema/status.ts'
import { watchObjects } from './watch.ts'
import { handleCreate, handlePatch, handleReplace } from './write.ts'

/** The resource named by a path; undefined for other paths. */
export function parseTarget(path: string): Target | undefined {
  const [, area, ...parts] = path.split('/')
  const group = area === 'apis' ? parts.shift() : ''
  if ((area !== 'api' && area !== 'apis') || group === undefined || parts.shift() !== 'v1') return undefined
  let namespace = ''
  // `namespaces/NAME/PLURAL` is a collection in a namespace; `namespaces/NAME/status` is of the Namespace itself.
  const [first, second = '', third = ''] = parts
  const inNamespace = first === 'namespaces' && third !== '' && third !== 'status'
  if (inNamespace) {
    namespace = decodeSegment(second)
    parts.splice(0, 2)
  }
  const [plural = '', name = '', subresource = '', ...rest] = parts
  if (!isPlural(plural) || kinds[plural].group !== group) return undefined
  const { namespaced } = kinds[plural]
  if (namespaced ? name !== '' && !inNamespace : inNamespace) return undefined
  return { plural, namespace, name: decodeSegment(name), subresource, rest: rest.join('/') }
}

function isPlural(text: string): text is Plural {
  return Object.hasOwn(kinds, text)
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw newBadRequest(`the path segment ${JSON.stringify(segment)} is not percent-encoded UTF-8`)
  }
}

export function routeCall(call: Call): Promise<Answer> | Answer {
  const { name, subresource } = call.target
  if (name === '') return routeCollection(call)
  return subresource === '' ? routeObject(call) : routeSubresource(call)
}

function routeCollection(call: Call): Promise<Answer> | Answer {
  switch (call.request.method ?? '') {
    case 'GET':
      return isWatch(call) ? watchObjects(call) : listObjects(call)
    case 'POST':
      if (kinds[call.target.plural].namespaced && call.target.namespace === '') throw newMethodNotSupported()
      return handleCreate(call)
    case 'DELETE':
      // Kubernetes has no deletion of all Namespaces, nor of a kind in all namespaces.
      if (call.target.plural === 'namespaces') throw newMethodNotSupported()
      if (kinds[call.target.plural].namespaced && call.target.namespace === '') throw newMethodNotSupported()
      return handleDeleteCollection(call)
    default:
      throw newMethodNotSupported()
  }
}

function isWatch({ query }: Call): boolean {
  return ['true', '1'].includes(query.get('watch') ?? '')
}

function routeObject(call: Call): Promise<Answer> | Answer {
  switch (call.request.method ?? '') {
    case 'GET':
      return isWatch(call) ? watchObjects(call) : getObject(call)
    case 'PUT':
      return handleReplace(call)
    case 'PATCH':
      return handlePatch(call)
    case 'DELETE':
      return handleDelete(call)
    default:
      throw newMethodNotSupported()
  }
}

function routeSubresource(call: Call): Promise<Answer> | Answer {
  const { plural, subresource } = call.target
  const { method } = call.request
  if (subresource === 'proxy' && plural === 'pods') return proxyToPod(call)
  if (subresource === 'proxy' && plural === 'nodes') return streamConnections(call)
  if (call.target.rest !== '') throw newUnknownPath()
  if (subresource === 'status' && hasStatusSubresource(plural)) {
    if (method === 'POST' || method === 'DELETE') throw newMethodNotSupported()
    return routeObject(call)
  }
  if (subresource === 'scale' && (plural === 'deployments' || plural === 'replicasets')) {
    return scaleObject(call, plural)
  }
  if (plural !== 'pods') throw newUnknownPath()
  return routePodSubresource(call, subresource)
}

function routePodSubresource(call: Call, subresource: string): Promise<Answer> | Answer {
  const { method } = call.request
  switch (subresource) {
    case 'log':
      if (method !== 'GET') throw newMethodNotSupported()
      return streamPodLog(call)
    case 'eviction':
      if (method !== 'POST') throw newMethodNotSupported()
      return evictPod(call)
    case 'exec':
    case 'attach':
    case 'portforward':
      throw new ApiError(501, 'NotImplemented', `pods/${subresource} is not supported by the embedded cluster`)
    default:
      throw newUnknownPath()
  }
}

/** The only principal is the bearer of the token, and it may do everything. */
export async function reviewAccess(request: Call['request']): Promise<Answer> {
  if (request.method !== 'POST') throw newMethodNotSupported()
  // The request cannot change the answer, so it is not even parsed.
  await readBody(request)
  const kind = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1' }
  const status = { allowed: true, reason: 'the embedded cluster has one principal' }
  return { code: 201, body: { ...kind, metadata: {}, spec: {}, status } }
}
