/** From a path and a method to what answers them. */
import { kinds } from '../store/objects.ts'
import type { Plural } from '../store/objects.ts'
import { readBody } from './body.ts'
import type { Answer, Call, Target } from './call.ts'
import { deleteCollection, deleteOne } from './delete-handlers.ts'
import { evictPod } from './eviction.ts'
import { streamLog } from './logs.ts'
import { proxyToPod } from './proxy.ts'
import { getObject, listObjects } from './read.ts'
import { scaleObject } from './scale.ts'
import { ApiError, badRequest, methodNotAllowed, unknownPath } from './status.ts'
import { watchObjects } from './watch.ts'
import { createObject, hasStatus, patchObject, replaceObject } from './write.ts'

/** The resource that a path names; undefined when it names none. */
export function targetOf(path: string): Target | undefined {
  const [, area, ...parts] = path.split('/')
  const group = area === 'apis' ? parts.shift() : ''
  if ((area !== 'api' && area !== 'apis') || group === undefined || parts.shift() !== 'v1') return undefined
  let namespace = ''
  // `namespaces/NAME/PLURAL` is a collection in a namespace; `namespaces/NAME/status` is of the Namespace itself.
  const [first, second = '', third = ''] = parts
  const inNamespace = first === 'namespaces' && third !== '' && third !== 'status'
  if (inNamespace) {
    namespace = decoded(second)
    parts.splice(0, 2)
  }
  const [plural = '', name = '', subresource = '', ...rest] = parts
  if (!isPlural(plural) || kinds[plural].group !== group) return undefined
  const { namespaced } = kinds[plural]
  if (namespaced ? name !== '' && !inNamespace : inNamespace) return undefined
  return { plural, namespace, name: decoded(name), subresource, rest: rest.join('/') }
}

function isPlural(text: string): text is Plural {
  return Object.hasOwn(kinds, text)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw badRequest(`the path segment ${JSON.stringify(segment)} is not percent-encoded UTF-8`)
  }
}

export function route(call: Call): Promise<Answer> | Answer {
  const { name, subresource } = call.target
  if (name === '') return onCollection(call)
  return subresource === '' ? onObject(call) : onSubresource(call)
}

function onCollection(call: Call): Promise<Answer> | Answer {
  switch (call.request.method ?? '') {
    case 'GET':
      return isWatch(call) ? watchObjects(call) : listObjects(call)
    case 'POST':
      if (kinds[call.target.plural].namespaced && call.target.namespace === '') throw methodNotAllowed()
      return createObject(call)
    case 'DELETE':
      // Kubernetes has no deletion of all Namespaces, nor of a kind in all namespaces.
      if (call.target.plural === 'namespaces') throw methodNotAllowed()
      if (kinds[call.target.plural].namespaced && call.target.namespace === '') throw methodNotAllowed()
      return deleteCollection(call)
    default:
      throw methodNotAllowed()
  }
}

function isWatch({ query }: Call): boolean {
  return ['true', '1'].includes(query.get('watch') ?? '')
}

function onObject(call: Call): Promise<Answer> | Answer {
  switch (call.request.method ?? '') {
    case 'GET':
      return isWatch(call) ? watchObjects(call) : getObject(call)
    case 'PUT':
      return replaceObject(call)
    case 'PATCH':
      return patchObject(call)
    case 'DELETE':
      return deleteOne(call)
    default:
      throw methodNotAllowed()
  }
}

function onSubresource(call: Call): Promise<Answer> | Answer {
  const { plural, subresource } = call.target
  const { method } = call.request
  if (subresource === 'proxy' && plural === 'pods') return proxyToPod(call)
  if (call.target.rest !== '') throw unknownPath()
  if (subresource === 'status' && hasStatus(plural)) {
    if (method === 'POST' || method === 'DELETE') throw methodNotAllowed()
    return onObject(call)
  }
  if (subresource === 'scale' && (plural === 'deployments' || plural === 'replicasets')) {
    return scaleObject(call, plural)
  }
  if (plural !== 'pods') throw unknownPath()
  return onPod(call, subresource)
}

function onPod(call: Call, subresource: string): Promise<Answer> | Answer {
  const { method } = call.request
  switch (subresource) {
    case 'log':
      if (method !== 'GET') throw methodNotAllowed()
      return streamLog(call)
    case 'eviction':
      if (method !== 'POST') throw methodNotAllowed()
      return evictPod(call)
    case 'exec':
    case 'attach':
    case 'portforward':
      throw new ApiError(501, 'NotImplemented', `pods/${subresource} is not supported by the embedded cluster`)
    default:
      throw unknownPath()
  }
}

/** There is one principal, the bearer of the token, and it may do everything. */
export async function reviewAccess(request: Call['request']): Promise<Answer> {
  if (request.method !== 'POST') throw methodNotAllowed()
  // Nothing in the question changes the answer: it is not even read as JSON.
  await readBody(request)
  const kind = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1' }
  const status = { allowed: true, reason: 'the embedded cluster has one principal' }
  return { code: 201, body: { ...kind, metadata: {}, spec: {}, status } }
}
