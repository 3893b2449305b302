/** GET of one object or of a collection, as objects or as a table. */
import { formatApiVersion, kinds } from '../store/objects.ts'
import type { Call, Answer } from './call.ts'
import { listSelected } from './selection.ts'
import { ApiError, newBadRequest } from '../schema/status.ts'
import { createTable, wantsTable } from '../kubectl/table.ts'

export function getObject(call: Call): Answer {
  const { plural, name, namespace } = call.target
  const object = call.store.read(plural, name, namespace)
  return { code: 200, body: wantsTable(call.request) ? createTable(call, [object]) : object }
}

export function listObjects(call: Call): Answer {
  const { store, target } = call
  parseResourceVersion(call)
  const items = listSelected(call, target.plural)
  const metadata = { resourceVersion: String(store.revision) }
  if (wantsTable(call.request)) return { code: 200, body: { ...createTable(call, items), metadata } }
  const info = kinds[target.plural]
  return { code: 200, body: { kind: `${info.kind}List`, apiVersion: formatApiVersion(info), metadata, items } }
}

/**
 * The revision in a list or watch request; undefined without one. A future revision belongs to another life of the cluster: the API server
 * then answers 504 with a cause that makes clients list again.
 */
export function parseResourceVersion({ store, query }: Call): number | undefined {
  const text = query.get('resourceVersion') ?? ''
  if (text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) {
    throw newBadRequest(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing: invalid syntax`,
    )
  }
  const revision = Number(text)
  if (revision > store.revision) {
    const message = `Timeout: Too large resource version: ${revision}, current: ${store.revision}`
    const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
    throw new ApiError(504, 'Timeout', message, { causes, retryAfterSeconds: 1 })
  }
  return revision
}
