/**
 * Deletion: grace for pods, finalizers, preconditions, and orphaning. Rules:
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination and
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
 */
import { kinds } from '../store/objects.ts'
import type { Kinds, Namespace, Plural, Pod, Stored } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { newConflict, newForbidden } from '../schema/status.ts'

export interface DeleteOptions {
  gracePeriodSeconds?: number
  preconditions?: { uid?: string; resourceVersion?: string }
  propagationPolicy?: string
  orphanDependents?: boolean
  dryRun?: string[]
}

export interface Deletion {
  options: DeleteOptions
  dryRun: boolean
}

export interface Deleted<P extends Plural> {
  object: Stored<Kinds[P]>
  /** Whether it is gone; else it waits for its grace period, its finalizers or its contents. */
  gone: boolean
}

type DeletionMarks = Pick<NonNullable<Pod['metadata']>, 'deletionTimestamp' | 'deletionGracePeriodSeconds'>

/** Deletes one object, or begins to. */
export function deleteObject<P extends Plural>(
  store: Store,
  plural: P,
  present: Stored<Kinds[P]>,
  deletion: Deletion,
): Deleted<P> {
  const { name, namespace = '' } = present.metadata
  checkPreconditions(plural, present, deletion.options.preconditions)
  if (plural === 'namespaces') checkNamespaceDeletion(present as Stored<Namespace>)
  const grace = plural === 'pods' ? computeGraceSeconds(present as Stored<Pod>, deletion.options) : 0
  const held = (present.metadata.finalizers?.length ?? 0) > 0 || plural === 'namespaces'
  if (grace === 0 && !held) {
    if (deletion.dryRun) return { object: present, gone: true }
    if (isOrphaning(deletion.options)) orphanDependents(store, present.metadata.uid)
    return { object: store.remove(plural, name, namespace), gone: true }
  }
  const marks = computeDeletionMarks(present.metadata, grace)
  if (!marks) return { object: present, gone: false }
  const draft = structuredClone(present)
  Object.assign(draft.metadata, marks)
  if (plural === 'namespaces')
    Object.assign(draft, { status: { ...(draft as Namespace).status, phase: 'Terminating' } })
  return { object: store.update(plural, draft, { dryRun: deletion.dryRun }), gone: false }
}

/** An object without finalizers and without grace is removed by the update that removed its last finalizer. */
export function isReadyForRemoval(
  object: { metadata: DeletionMarks & { finalizers?: string[] } },
  plural: Plural,
): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata
  if (deletionTimestamp === undefined || plural === 'namespaces') return false
  return finalizers.length === 0 && deletionGracePeriodSeconds === 0
}

function computeGraceSeconds(pod: Stored<Pod>, options: DeleteOptions): number {
  const { phase } = pod.status ?? {}
  if (!pod.spec?.nodeName || phase === 'Failed' || phase === 'Succeeded') return 0
  const asked = options.gracePeriodSeconds ?? pod.metadata.deletionGracePeriodSeconds
  const grace = asked ?? pod.spec.terminationGracePeriodSeconds ?? 0
  return grace < 0 ? 1 : grace
}

/** Undefined when nothing changes: a pending deletion can only be shortened. */
function computeDeletionMarks(metadata: DeletionMarks, grace: number): DeletionMarks | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata
  if (deletionTimestamp === undefined)
    return { deletionTimestamp: formatTimeAfter(Date.now(), grace), deletionGracePeriodSeconds: grace }
  if (grace >= deletionGracePeriodSeconds) return undefined
  const began = Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000
  return { deletionTimestamp: formatTimeAfter(began, grace), deletionGracePeriodSeconds: grace }
}

function formatTimeAfter(timeMs: number, seconds: number): string {
  return `${new Date(timeMs + seconds * 1000).toISOString().slice(0, 19)}Z`
}

function checkPreconditions(
  plural: Plural,
  { metadata: { name, uid, resourceVersion } }: Stored<Kinds[Plural]>,
  wanted: DeleteOptions['preconditions'] = {},
): void {
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${uid}`
    throw newConflict(plural, name, why)
  }
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    const what = `the ResourceVersion in the precondition (${wanted.resourceVersion})`
    const why = `${what} does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`
    throw newConflict(plural, name, why)
  }
}

function checkNamespaceDeletion(namespace: Stored<Namespace>): void {
  const { name } = namespace.metadata
  if (name === 'default' || name === 'kube-system') {
    throw newForbidden('namespaces', name, 'this namespace may not be deleted')
  }
  if (namespace.metadata.deletionTimestamp !== undefined) {
    const why =
      'The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.'
    throw newConflict('namespaces', name, why)
  }
}

function isOrphaning({ propagationPolicy, orphanDependents }: DeleteOptions): boolean {
  return propagationPolicy === 'Orphan' || orphanDependents === true
}

/** Call it before the owner is removed, so that the garbage collector finds no dependents. */
function orphanDependents(store: Store, owner: string): void {
  for (const plural of Object.keys(kinds) as Plural[]) {
    for (const { metadata } of store.list(plural)) {
      if (!metadata.ownerReferences?.some(({ uid }) => uid === owner)) continue
      store.modify(plural, metadata.name, metadata.namespace ?? '', (draft) => {
        draft.metadata.ownerReferences = draft.metadata.ownerReferences?.filter(({ uid }) => uid !== owner) ?? []
      })
    }
  }
}
