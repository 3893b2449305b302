/**
 * The embedded cluster's memory: typed objects under one revision counter, with optimistic concurrency and resumable watches, like etcd and
 * the API server's watch cache.
 */
import { randomUUID } from 'node:crypto'
import { deepFreeze, isEqualJson } from './json.ts'
import { formatApiVersion, kinds } from './objects.ts'
import type { KubeObject, Kinds, ObjectMeta, Plural, Stored } from './objects.ts'

export type StoreErrorReason = 'NotFound' | 'AlreadyExists' | 'Conflict' | 'Expired'

/** What the API turns into a Status: 404, 409 or 410. */
export class StoreError extends Error {
  readonly reason: StoreErrorReason
  /** The requested object. */
  readonly about: { plural: Plural; name: string } | undefined
  constructor(reason: StoreErrorReason, message: string, about?: { plural: Plural; name: string }) {
    super(message)
    this.name = 'StoreError'
    this.reason = reason
    this.about = about
  }
}

export interface Change<P extends Plural = Plural> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  plural: P
  object: Stored<Kinds[P]>
  /** The previous version; absent when it was added. */
  previous?: Stored<Kinds[P]>
  revision: number
}
export type Listener<P extends Plural> = (change: Change<P>) => void

export interface WriteOptions {
  /** Validates and answers as usual, but stores nothing and notifies no watch. */
  dryRun?: boolean
}

/** How many changes a watch may lag behind before it must list again (410 Gone). */
const historyLimit = 5_000

export class Store {
  #revision = 0
  readonly #objects = new Map<Plural, Map<string, Stored<KubeObject>>>()
  readonly #listeners = new Map<Plural, Set<Listener<Plural>>>()
  #history: Change[] = []
  readonly #undelivered: Change[] = []
  readonly #onListenerError: (error: unknown) => void

  /** `onListenerError` gets the errors of listeners; by default they end the process, like any uncaught exception. */
  constructor(onListenerError: (error: unknown) => void = rethrowAsync) {
    this.#onListenerError = onListenerError
  }

  get revision(): number {
    return this.#revision
  }

  /** The oldest revision from which a watch can still resume. */
  get oldestRevision(): number {
    return (this.#history[0]?.revision ?? this.#revision + 1) - 1
  }

  get<P extends Plural>(plural: P, name: string, namespace = ''): Stored<Kinds[P]> | undefined {
    return this.#table(plural).get(formatKey(namespace, name))
  }

  /** Throws NotFound with the API server's text. */
  read<P extends Plural>(plural: P, name: string, namespace = ''): Stored<Kinds[P]> {
    const found = this.get(plural, name, namespace)
    if (!found) throw new StoreError('NotFound', `${formatResourceName(plural)} "${name}" not found`, { plural, name })
    return found
  }

  /** In order of creation; all namespaces when none is given. */
  list<P extends Plural>(plural: P, namespace?: string): Stored<Kinds[P]>[] {
    const all = [...this.#table(plural).values()]
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace)
  }

  /** Stores a copy with a new identity. Supports `generateName`. */
  create<P extends Plural>(plural: P, object: Kinds[P], { dryRun = false }: WriteOptions = {}): Stored<Kinds[P]> {
    const info = kinds[plural]
    const copy = structuredClone(object) as Stored<Kinds[P]>
    const metadata = (copy.metadata ??= {} as typeof copy.metadata)
    const name = (metadata.name ||= this.#generatedName(plural, metadata))
    const key = formatKey(metadata.namespace ?? '', name)
    if (this.#table(plural).has(key)) {
      throw new StoreError('AlreadyExists', `${formatResourceName(plural)} "${name}" already exists`, { plural, name })
    }
    copy.apiVersion = formatApiVersion(info)
    copy.kind = info.kind
    metadata.uid ||= randomUUID()
    metadata.creationTimestamp = formatNow()
    if (tracksGeneration(plural)) metadata.generation = 1
    if (dryRun) return copy
    return this.#put(plural, key, 'ADDED', copy)
  }

  /**
   * Replaces an object. A `resourceVersion` in it must be the present one (else Conflict); without one the update is unconditional. A
   * changed `spec`, or the start of a deletion, increments `generation`. An unchanged object is not written again.
   */
  update<P extends Plural>(plural: P, object: Kinds[P], { dryRun = false }: WriteOptions = {}): Stored<Kinds[P]> {
    const name = object.metadata?.name ?? ''
    const namespace = object.metadata?.namespace ?? ''
    const present = this.read(plural, name, namespace)
    const asked = object.metadata?.resourceVersion
    if (asked !== undefined && asked !== '' && asked !== present.metadata.resourceVersion) {
      throw new StoreError(
        'Conflict',
        `Operation cannot be fulfilled on ${formatResourceName(plural)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
        { plural, name },
      )
    }
    const copy = structuredClone(object) as Stored<Kinds[P]>
    const { uid, creationTimestamp, generation, resourceVersion } = present.metadata
    Object.assign(copy, { apiVersion: present.apiVersion, kind: present.kind })
    Object.assign(copy.metadata, { uid, creationTimestamp, resourceVersion })
    if (generation !== undefined) copy.metadata.generation = generation
    if (isEqualJson(copy, present)) return present
    const isEnding = copy.metadata.deletionTimestamp !== undefined && !present.metadata.deletionTimestamp
    const isNewGeneration = isEnding || !isEqualJson(getSpec(copy), getSpec(present))
    if (generation !== undefined && isNewGeneration) copy.metadata.generation = generation + 1
    if (dryRun) return copy
    return this.#put(plural, formatKey(namespace, name), 'MODIFIED', copy)
  }

  /** Applies a function to the present object, atomically; the usual way for controllers. */
  modify<P extends Plural>(
    plural: P,
    name: string,
    namespace: string,
    change: (draft: Stored<Kinds[P]>) => void,
  ): Stored<Kinds[P]> {
    const draft = structuredClone(this.read(plural, name, namespace))
    change(draft)
    return this.update(plural, draft)
  }

  /** Removes the object at once: the API handles finalizers and grace. */
  remove<P extends Plural>(plural: P, name: string, namespace = ''): Stored<Kinds[P]> {
    const present = this.read(plural, name, namespace)
    this.#table(plural).delete(formatKey(namespace, name))
    const last = structuredClone(present)
    this.#emit({ type: 'DELETED', plural, object: this.#stamp(last), previous: present, revision: this.#revision })
    return last
  }

  /** Calls `listener` in the same tick for every later change of `plural`. */
  watch<P extends Plural>(plural: P, listener: Listener<P>): Disposable {
    const set = this.#listeners.get(plural) ?? new Set()
    this.#listeners.set(plural, set)
    set.add(listener as Listener<Plural>)
    return { [Symbol.dispose]: () => void set.delete(listener as Listener<Plural>) }
  }

  /** Changes of `plural` after `revision`, for a watch that resumes. Throws Expired when some are no longer stored. */
  changesSince<P extends Plural>(plural: P, revision: number): Change<P>[] {
    if (revision < this.oldestRevision) {
      throw new StoreError('Expired', `too old resource version: ${revision} (${this.oldestRevision})`)
    }
    return this.#history.filter((change): change is Change<P> => change.plural === plural && change.revision > revision)
  }

  #generatedName(plural: Plural, { namespace = '', generateName = '' }: ObjectMeta): string {
    for (;;) {
      const name = `${generateName}${createNameSuffix()}`
      if (!this.#table(plural).has(formatKey(namespace, name))) return name
    }
  }

  #table<P extends Plural>(plural: P): Map<string, Stored<Kinds[P]>> {
    let table = this.#objects.get(plural)
    if (!table) this.#objects.set(plural, (table = new Map()))
    return table as Map<string, Stored<Kinds[P]>>
  }

  #put<P extends Plural>(
    plural: P,
    key: string,
    type: 'ADDED' | 'MODIFIED',
    object: Stored<Kinds[P]>,
  ): Stored<Kinds[P]> {
    const previous = this.#table(plural).get(key)
    this.#stamp(object)
    this.#table(plural).set(key, object)
    this.#emit({ type, plural, object, ...(previous && { previous }), revision: this.#revision })
    return object
  }

  #stamp<T extends Stored<KubeObject>>(object: T): T {
    object.metadata.resourceVersion = String(++this.#revision)
    return deepFreeze(object)
  }

  /**
   * A listener may write too: its changes are delivered after the present one has reached all listeners. A listener that throws does not
   * keep the change from others.
   */
  #emit(change: Change): void {
    this.#history.push(change)
    if (this.#history.length > historyLimit * 1.25) this.#history = this.#history.slice(-historyLimit)
    this.#undelivered.push(change)
    if (this.#undelivered.length > 1) return
    for (let next; (next = this.#undelivered[0]); this.#undelivered.shift()) {
      const listeners = this.#listeners.get(next.plural)
      for (const listener of new Set(listeners)) {
        if (listeners?.has(listener)) this.#notify(listener, next)
      }
    }
  }

  #notify(listener: Listener<Plural>, change: Change): void {
    try {
      listener(change)
    } catch (error) {
      this.#onListenerError(error)
    }
  }
}

/** `deployments.apps "web"` and `pods "web-1"`: the names of resources in messages. */
export function formatResourceName(plural: Plural): string {
  const { group } = kinds[plural]
  return group === '' ? plural : `${plural}.${group}`
}

/** metav1.Time has whole seconds. */
export const formatNow = (): string => `${new Date().toISOString().slice(0, 19)}Z`
/** Five letters like those of Kubernetes: no vowels, and none that look alike. */
export function createNameSuffix(): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  return Array.from({ length: 5 }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join('')
}

/** Throws an exception that cannot be caught, so that a bug in a listener is noticed. */
function rethrowAsync(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

const formatKey = (namespace: string, name: string): string => `${namespace}/${name}`

const tracksGeneration = (plural: Plural): boolean =>
  !['namespaces', 'nodes', 'configmaps', 'events', 'services'].includes(plural)

const getSpec = (object: KubeObject): unknown => ('spec' in object ? object.spec : null)
