/** Which objects of a collection a request selects. */
import type { KubeObject, Kinds, Plural, Stored } from '../store/objects.ts'
import type { Call } from './call.ts'
import { parseFieldSelector, parseLabelSelector } from '../schema/selector-syntax.ts'

export type Selects = (object: KubeObject) => boolean

/** Namespace, name, labelSelector and fieldSelector of the request, in one predicate. */
export function createSelectionPredicate({ target, query }: Call): Selects {
  const labels = query.get('labelSelector')
  const fields = query.get('fieldSelector')
  const byLabel = labels ? parseLabelSelector(labels) : undefined
  const byField = fields ? parseFieldSelector(target.plural, fields) : undefined
  return ({ metadata, ...rest }) => {
    if (target.namespace !== '' && metadata?.namespace !== target.namespace) return false
    if (target.name !== '' && metadata?.name !== target.name) return false
    if (byLabel && !byLabel(metadata?.labels)) return false
    return !byField || byField({ ...rest, ...(metadata && { metadata }) })
  }
}

/** In the order of etcd's keys: by namespace, then by name. */
export function listSelected<P extends Plural>(call: Call, plural: P): Stored<Kinds[P]>[] {
  const selects = createSelectionPredicate(call)
  const formatSortKey = ({ metadata }: Stored<KubeObject>): string => `${metadata.namespace ?? ''}/${metadata.name}`
  const found = call.store.list(plural).filter((object) => selects(object))
  return found.sort((a, b) => (formatSortKey(a) < formatSortKey(b) ? -1 : 1))
}
