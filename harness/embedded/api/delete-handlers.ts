/** DELETE of one object and of a collection. */
import { kinds } from '../store/objects.ts'
import type { Plural } from '../store/objects.ts'
import { readObject } from './body.ts'
import { parseDryRun } from './call.ts'
import type { Answer, Call } from './call.ts'
import { deleteObject } from './deletion.ts'
import type { Deletion } from './deletion.ts'
import { listObjects } from './read.ts'
import { decodeByModel } from '../schema/schema.ts'
import { listSelected } from './selection.ts'
import { createSuccess } from '../schema/status.ts'

/** Kinds whose deletion answers with the object; the others answer with a Status once they are gone. */
const returnsObject = new Set<Plural>(['pods', 'services'])

export async function handleDelete(call: Call): Promise<Answer> {
  const deletion = await readDeleteOptions(call)
  const { store, target } = call
  const { plural } = target
  const present = store.read(plural, target.name, target.namespace)
  const { object, gone } = deleteObject(store, plural, present, deletion)
  if (!gone || returnsObject.has(plural)) return { code: 200, body: object }
  const { name, uid } = object.metadata
  const { group } = kinds[plural]
  return { code: 200, body: createSuccess({ name, ...(group !== '' && { group }), kind: plural, uid }) }
}

export async function handleDeleteCollection(call: Call): Promise<Answer> {
  const deletion = await readDeleteOptions(call)
  const list = listObjects(call)
  for (const present of listSelected(call, call.target.plural)) {
    deleteObject(call.store, call.target.plural, present, deletion)
  }
  return list
}

/** metav1.DeleteOptions from the body, else from the query. */
async function readDeleteOptions({ request, query }: Call): Promise<Deletion> {
  const body = await readObject(request)
  const options = body ? (decodeByModel('V1DeleteOptions', body, 'DeleteOptions').object as Deletion['options']) : {}
  const grace = query.get('gracePeriodSeconds')
  if (grace !== null && /^-?\d{1,9}$/.test(grace)) options.gracePeriodSeconds ??= Number(grace)
  const policy = query.get('propagationPolicy')
  if (policy !== null) options.propagationPolicy ??= policy
  if (query.get('orphanDependents') === 'true') options.orphanDependents ??= true
  return { options, dryRun: parseDryRun(query, options.dryRun) }
}
