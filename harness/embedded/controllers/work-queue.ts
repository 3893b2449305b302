/** The work queue of a controller, like client-go's: keys, each at most once, retried with back-off. */
import { getErrorMessage } from '../../base/fault.ts'
import type { KubeObject, Kinds, Node, Plural, Stored } from '../store/objects.ts'
import { StoreError } from '../store/store.ts'
import type { Store } from '../store/store.ts'

export interface WorkQueue extends Disposable {
  add(key: string): void
  /** The shortest of several delays for one key counts. */
  addAfter(key: string, delayMs: number): void
}

export interface QueueOptions {
  /** For messages: `deployment-controller`. */
  name: string
  /** Brings the object of this key one step closer to its spec; idempotent. Returns the number of ms until the next check. */
  sync: (key: string) => number | undefined
  onError: (error: Error) => void
}

/** The options of every controller. */
export interface ControllerOptions {
  store: Store
  /** Called with every failed sync except conflicts; the sync is repeated in any case. */
  onError: (error: Error) => void
}

// client-go DefaultTypedControllerRateLimiter: 5 ms, doubling. Its cap of 1,000 s is longer than the life of these clusters.
const firstRetryMs = 5
const longestRetryMs = 30_000
const longestTimerMs = 2 ** 31 - 1

/** Processes its keys one after another in order, in a later turn of the event loop. */
export function startWorkQueue({ name, sync, onError }: QueueOptions): WorkQueue {
  const waiting = new Set<string>()
  const failures = new Map<string, number>()
  const timers = new Map<string, { timer: NodeJS.Timeout; dueMs: number }>()
  let turn: NodeJS.Immediate | undefined
  let stopped = false

  function add(key: string): void {
    if (stopped) return
    waiting.add(key)
    turn ??= setImmediate(processQueue)
  }

  function addAfter(key: string, delayMs: number): void {
    const dueMs = performance.now() + delayMs
    const known = timers.get(key)
    if (stopped || (known && known.dueMs <= dueMs)) return
    clearTimeout(known?.timer)
    const timer = setTimeout(
      () => {
        timers.delete(key)
        add(key)
      },
      Math.min(Math.max(delayMs, 0), longestTimerMs),
    )
    timers.set(key, { timer, dueMs })
  }

  function processQueue(): void {
    turn = undefined
    const batch = [...waiting]
    for (const key of batch) {
      waiting.delete(key)
      processKey(key)
    }
  }

  function processKey(key: string): void {
    try {
      const againMs = sync(key)
      failures.delete(key)
      if (againMs !== undefined) addAfter(key, againMs)
    } catch (error) {
      const failed = failures.get(key) ?? 0
      failures.set(key, failed + 1)
      addAfter(key, Math.min(firstRetryMs * 2 ** failed, longestRetryMs))
      // A conflict means that the object was read too early: the next attempt reads it again.
      if (error instanceof StoreError && error.reason === 'Conflict') return
      onError(
        new Error(`${name} could not sync ${key} (attempt ${failed + 1}): ${getErrorMessage(error)}`, { cause: error }),
      )
    }
  }

  return {
    add,
    addAfter,
    [Symbol.dispose]: () => {
      stopped = true
      clearImmediate(turn)
      for (const { timer } of timers.values()) clearTimeout(timer)
    },
  }
}

/** Queues the keys of every existing object and of every later change, for both its old and its new version. */
export function feedQueue<P extends Plural>(
  queue: WorkQueue,
  store: Store,
  plural: P,
  keysOf: (object: Stored<Kinds[P]>) => Iterable<string>,
): Disposable {
  for (const object of store.list(plural)) for (const key of keysOf(object)) queue.add(key)
  return store.watch(plural, ({ object, previous }) => {
    for (const key of keysOf(object)) queue.add(key)
    if (previous) for (const key of keysOf(previous)) queue.add(key)
  })
}

/** Queues pods as they change, and those of a node when the node changes. */
export function feedPods(queue: WorkQueue, store: Store): Disposable {
  const stack = new DisposableStack()
  const listPodKeys = ({ metadata }: Stored<Node>): string[] =>
    store.list('pods').flatMap((pod) => (pod.spec?.nodeName === metadata.name ? [formatKey(pod)] : []))
  stack.use(feedQueue(queue, store, 'pods', (pod) => [formatKey(pod)]))
  stack.use(feedQueue(queue, store, 'nodes', listPodKeys))
  return stack
}

/** `namespace/name`, as client-go's MetaNamespaceKeyFunc. */
export function formatKey(object: KubeObject): string {
  return `${object.metadata?.namespace ?? ''}/${object.metadata?.name ?? ''}`
}

export function splitKey(key: string): [namespace: string, name: string] {
  const slash = key.indexOf('/')
  return [key.slice(0, slash), key.slice(slash + 1)]
}
