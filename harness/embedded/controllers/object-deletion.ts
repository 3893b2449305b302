/** Deletes an object within the cluster, like a controller's DELETE through the API. */
import type { KubeObject, Plural, Stored } from '../store/objects.ts'
import { kinds } from '../store/objects.ts'
import { deletePodGracefully } from '../store/pod-deletion.ts'
import { formatNow } from '../store/store.ts'
import type { Store } from '../store/store.ts'

/** Every kind except Events, which have neither owners nor finalizers. */
export const deletableKinds: readonly Plural[] = (Object.keys(kinds) as Plural[]).filter((kind) => kind !== 'events')

/** Pods get their grace period; an object with finalizers is marked and waits for them; any other one is deleted at once. */
export function deleteObject(store: Store, plural: Plural, object: Stored<KubeObject>): void {
  const { name, namespace = '', finalizers = [], deletionTimestamp } = object.metadata
  if (plural === 'pods') {
    deletePodGracefully(store, object)
  } else if (finalizers.length === 0) {
    store.remove(plural, name, namespace)
  } else if (deletionTimestamp === undefined) {
    store.modify(plural, name, namespace, ({ metadata }) => {
      metadata.deletionTimestamp = formatNow()
    })
  }
}
