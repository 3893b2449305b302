/**
 * Deletes objects that have lost their owners (pkg/controller/garbagecollector/garbagecollector.go).
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents
 */
import type { KubeObject, Plural, Stored } from '../store/objects.ts'
import { formatApiVersion, kinds } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { deletableKinds, deleteObject } from './object-deletion.ts'
import type { OwnerReference } from './ownership.ts'
import { formatKey, splitKey, startWorkQueue } from './work-queue.ts'
import type { ControllerOptions, WorkQueue } from './work-queue.ts'

const foreground = 'foregroundDeletion'
const orphan = 'orphan'

/** Starts the collector for all kinds; its keys are `plural:namespace/name`. */
export function startGarbageCollector({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const syncKey = (key: string): undefined => processItem(store, queue, key)
  const queue: WorkQueue = stack.use(startWorkQueue({ name: 'garbage-collector', sync: syncKey, onError }))
  for (const plural of deletableKinds) {
    for (const object of store.list(plural)) if (needsCollection(object)) queue.add(formatItemKey(plural, object))
    stack.use(
      store.watch(plural, ({ type, object }) => {
        if (needsCollection(object)) queue.add(formatItemKey(plural, object))
        if (type !== 'DELETED') return
        for (const dependent of listDependents(store, object)) queue.add(dependent.key)
        for (const owner of listOwners(store, object)) queue.add(owner.key)
      }),
    )
  }
  return stack
}

interface GarbageItem {
  key: string
  object: Stored<KubeObject>
  reference: OwnerReference
}

function formatItemKey(plural: Plural, object: KubeObject): string {
  return `${plural}:${formatKey(object)}`
}

function needsCollection({ metadata }: Stored<KubeObject>): boolean {
  return (metadata.ownerReferences ?? []).length > 0 || hasFinalizer({ metadata }, foreground, orphan)
}

function hasFinalizer({ metadata }: KubeObject, ...names: string[]): boolean {
  return metadata?.deletionTimestamp !== undefined && (metadata.finalizers ?? []).some((name) => names.includes(name))
}

function listDependents(store: Store, owner: Stored<KubeObject>): GarbageItem[] {
  return deletableKinds.flatMap((plural) =>
    store.list(plural).flatMap((object: Stored<KubeObject>) => {
      const reference = object.metadata.ownerReferences?.find(({ uid }) => uid === owner.metadata.uid)
      return reference ? [{ key: formatItemKey(plural, object), object, reference }] : []
    }),
  )
}

/** Owners that still exist. An owner is in its dependent's namespace, or cluster-scoped. */
function listOwners(store: Store, { metadata }: Stored<KubeObject>): GarbageItem[] {
  return (metadata.ownerReferences ?? []).flatMap((reference) => {
    const plural = findPlural(reference)
    if (!plural) return []
    const object = store.get(plural, reference.name, kinds[plural].namespaced ? metadata.namespace : '')
    return object?.metadata.uid === reference.uid ? [{ key: formatItemKey(plural, object), object, reference }] : []
  })
}

function findPlural({ apiVersion, kind }: OwnerReference): Plural | undefined {
  return deletableKinds.find((plural) => kinds[plural].kind === kind && formatApiVersion(kinds[plural]) === apiVersion)
}

function processItem(store: Store, queue: WorkQueue, key: string): undefined {
  const plural = deletableKinds.find((candidate) => key.startsWith(`${candidate}:`))
  const [namespace, name] = splitKey(key.slice((plural ?? '').length + 1))
  const object: Stored<KubeObject> | undefined = plural && store.get(plural, name, namespace)
  if (!plural || !object) return
  if (hasFinalizer(object, orphan)) {
    for (const { key, object: dependent } of listDependents(store, object)) {
      removeOwnerReferences(store, key, dependent, new Set([object.metadata.uid]))
    }
    removeFinalizer(store, plural, object, orphan)
  } else if (hasFinalizer(object, foreground)) {
    const dependents = listDependents(store, object)
    for (const dependent of dependents) queue.add(dependent.key)
    if (!dependents.some(({ reference }) => reference.blockOwnerDeletion === true)) {
      removeFinalizer(store, plural, object, foreground)
    }
  }
  attemptToDeleteItem(store, plural, key)
}

/** Deletes an object without a remaining owner; with one, drops the references to those that are gone. */
function attemptToDeleteItem(store: Store, plural: Plural, key: string): void {
  const [namespace, name] = splitKey(key.slice(plural.length + 1))
  const object: Stored<KubeObject> | undefined = store.get(plural, name, namespace)
  const references = object?.metadata.ownerReferences ?? []
  // It is unknown whether an owner of an unknown kind exists.
  if (!object || references.length === 0 || references.some((reference) => !findPlural(reference))) return
  const owners = listOwners(store, object)
  const staying = owners.filter((owner) => !hasFinalizer(owner.object, foreground))
  const leaving = references.filter(({ uid }) => !staying.some((owner) => owner.reference.uid === uid))
  if (leaving.length === 0) return
  if (staying.length > 0) removeOwnerReferences(store, key, object, new Set(leaving.map(({ uid }) => uid)))
  else deleteObject(store, plural, object)
}

function removeOwnerReferences(store: Store, key: string, object: Stored<KubeObject>, uids: Set<string>): void {
  const plural = key.slice(0, key.indexOf(':')) as Plural
  store.modify(plural, object.metadata.name, object.metadata.namespace ?? '', ({ metadata }) => {
    metadata.ownerReferences = (metadata.ownerReferences ?? []).filter(({ uid }) => !uids.has(uid))
  })
}

/** Removes the finalizer; with the last one the object is deleted. */
function removeFinalizer(store: Store, plural: Plural, object: Stored<KubeObject>, finalizer: string): void {
  const { name, namespace = '', finalizers = [] } = object.metadata
  const left = finalizers.filter((other) => other !== finalizer)
  if (left.length === 0 && plural !== 'pods') store.remove(plural, name, namespace)
  else store.modify(plural, name, namespace, ({ metadata }) => void (metadata.finalizers = left))
}
