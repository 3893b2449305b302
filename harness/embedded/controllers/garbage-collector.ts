/**
 * Deletes what has lost its owners (pkg/controller/garbagecollector/garbagecollector.go).
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents
 */
import type { KubeObject, Plural, Stored } from '../store/objects.ts'
import { apiVersionOf, kinds } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { deletableKinds, deleteObject } from './object-deletion.ts'
import type { OwnerReference } from './ownership.ts'
import { keyOf, splitKey, startQueue } from './work-queue.ts'
import type { ControllerOptions, WorkQueue } from './work-queue.ts'

const foreground = 'foregroundDeletion'
const orphan = 'orphan'

/** Starts the collector, of all kinds at once: its keys are `plural:namespace/name`. */
export function startGarbageCollector({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const sync = (key: string): undefined => collect(store, queue, key)
  const queue: WorkQueue = stack.use(startQueue({ name: 'garbage-collector', sync, onError }))
  for (const plural of deletableKinds) {
    for (const object of store.list(plural)) if (concerns(object)) queue.add(itemKey(plural, object))
    stack.use(
      store.watch(plural, ({ type, object }) => {
        if (concerns(object)) queue.add(itemKey(plural, object))
        if (type !== 'DELETED') return
        for (const dependent of dependentsOf(store, object)) queue.add(dependent.key)
        for (const owner of ownersOf(store, object)) queue.add(owner.key)
      }),
    )
  }
  return stack
}

interface Item {
  key: string
  object: Stored<KubeObject>
  reference: OwnerReference
}

function itemKey(plural: Plural, object: KubeObject): string {
  return `${plural}:${keyOf(object)}`
}

function concerns({ metadata }: Stored<KubeObject>): boolean {
  return (metadata.ownerReferences ?? []).length > 0 || hasFinalizer({ metadata }, foreground, orphan)
}

function hasFinalizer({ metadata }: KubeObject, ...names: string[]): boolean {
  return metadata?.deletionTimestamp !== undefined && (metadata.finalizers ?? []).some((name) => names.includes(name))
}

function dependentsOf(store: Store, owner: Stored<KubeObject>): Item[] {
  return deletableKinds.flatMap((plural) =>
    store.list(plural).flatMap((object: Stored<KubeObject>) => {
      const reference = object.metadata.ownerReferences?.find(({ uid }) => uid === owner.metadata.uid)
      return reference ? [{ key: itemKey(plural, object), object, reference }] : []
    }),
  )
}

/** Owners that still exist. An owner lives in its dependent's namespace or in none. */
function ownersOf(store: Store, { metadata }: Stored<KubeObject>): Item[] {
  return (metadata.ownerReferences ?? []).flatMap((reference) => {
    const plural = pluralOf(reference)
    if (!plural) return []
    const object = store.get(plural, reference.name, kinds[plural].namespaced ? metadata.namespace : '')
    return object?.metadata.uid === reference.uid ? [{ key: itemKey(plural, object), object, reference }] : []
  })
}

function pluralOf({ apiVersion, kind }: OwnerReference): Plural | undefined {
  return deletableKinds.find((plural) => kinds[plural].kind === kind && apiVersionOf(kinds[plural]) === apiVersion)
}

function collect(store: Store, queue: WorkQueue, key: string): undefined {
  const plural = deletableKinds.find((candidate) => key.startsWith(`${candidate}:`))
  const [namespace, name] = splitKey(key.slice((plural ?? '').length + 1))
  const object: Stored<KubeObject> | undefined = plural && store.get(plural, name, namespace)
  if (!plural || !object) return
  if (hasFinalizer(object, orphan)) {
    for (const { key, object: dependent } of dependentsOf(store, object)) {
      dropReferences(store, key, dependent, new Set([object.metadata.uid]))
    }
    finish(store, plural, object, orphan)
  } else if (hasFinalizer(object, foreground)) {
    const dependents = dependentsOf(store, object)
    for (const dependent of dependents) queue.add(dependent.key)
    if (!dependents.some(({ reference }) => reference.blockOwnerDeletion === true)) {
      finish(store, plural, object, foreground)
    }
  }
  collectOrphaned(store, plural, key)
}

/** Deletes an object all of whose owners are gone or wait for it to go; with one that stays it only forgets the others. */
function collectOrphaned(store: Store, plural: Plural, key: string): void {
  const [namespace, name] = splitKey(key.slice(plural.length + 1))
  const object: Stored<KubeObject> | undefined = store.get(plural, name, namespace)
  const references = object?.metadata.ownerReferences ?? []
  // The owner is of a kind that this cluster does not have: it cannot be said to be gone.
  if (!object || references.length === 0 || references.some((reference) => !pluralOf(reference))) return
  const owners = ownersOf(store, object)
  const staying = owners.filter((owner) => !hasFinalizer(owner.object, foreground))
  const leaving = references.filter(({ uid }) => !staying.some((owner) => owner.reference.uid === uid))
  if (leaving.length === 0) return
  if (staying.length > 0) dropReferences(store, key, object, new Set(leaving.map(({ uid }) => uid)))
  else deleteObject(store, plural, object)
}

function dropReferences(store: Store, key: string, object: Stored<KubeObject>, uids: Set<string>): void {
  const plural = key.slice(0, key.indexOf(':')) as Plural
  store.modify(plural, object.metadata.name, object.metadata.namespace ?? '', ({ metadata }) => {
    metadata.ownerReferences = (metadata.ownerReferences ?? []).filter(({ uid }) => !uids.has(uid))
  })
}

/** Takes the finalizer off; with the last one the object goes. */
function finish(store: Store, plural: Plural, object: Stored<KubeObject>, finalizer: string): void {
  const { name, namespace = '', finalizers = [] } = object.metadata
  const left = finalizers.filter((other) => other !== finalizer)
  if (left.length === 0 && plural !== 'pods') store.remove(plural, name, namespace)
  else store.modify(plural, name, namespace, ({ metadata }) => void (metadata.finalizers = left))
}
