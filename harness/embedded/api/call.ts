/** One request to the API, and what its handlers need. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plural } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { newInvalid, notSupportedField } from '../validation/field-errors.ts'
import type { PodLogs } from '../store/pod-logs.ts'

/** The part of a path that names a resource: `/api/v1/namespaces/NAMESPACE/PLURAL/NAME/SUBRESOURCE/REST`. */
export interface Target {
  plural: Plural
  /** '' for kinds without one, and for all of them in lists and watches. */
  namespace: string
  /** '' for a whole collection. */
  name: string
  subresource: string
  /** The rest of the path after the subresource, still encoded: the path of a proxied request. */
  rest: string
}

export interface Call {
  store: Store
  logs: PodLogs
  request: IncomingMessage
  response: ServerResponse
  query: URLSearchParams
  target: Target
  /** Aborted when the client has gone or the server closes. */
  signal: AbortSignal
}

/** Undefined when the handler has written the response itself. */
export type Answer = { code: number; body: object } | undefined

/** Whether `dryRun=All` is requested, by query or in the options of the body. */
export function parseDryRun(query: URLSearchParams, inBody: readonly string[] = []): boolean {
  const asked = [...query.getAll('dryRun'), ...inBody]
  const wrong = asked.find((value) => value !== 'All')
  if (wrong !== undefined) {
    const kind = { kind: 'CreateOptions', group: 'meta.k8s.io' }
    throw newInvalid(kind, '', [notSupportedField('dryRun', wrong, ['All'])])
  }
  return asked.length > 0
}

/** RFC 9111's retired Warning header, in which the API server lists fields that it ignored. */
export function addWarning(response: ServerResponse, text: string): void {
  const safe = text.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, String.raw`\$&`)
  response.appendHeader('warning', `299 - "${safe}"`)
}
