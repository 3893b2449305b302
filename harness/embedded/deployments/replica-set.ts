/** Keeps the number of a ReplicaSet's pods equal to its spec (pkg/controller/replicaset/replica_set.go). */
import { recordEvent } from '../store/events.ts'
import type { Pod, ReplicaSet, Stored } from '../store/objects.ts'
import { admitPodSpec } from '../store/pod-admission.ts'
import { deletePodGracefully } from '../store/pod-deletion.ts'
import { formatNow } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import { newControllerRef, getControllerKeys, getControllerOf, isControlledBy } from '../controllers/ownership.ts'
import { isActive, isReady, isTerminating, computeTimeToAvailableMs } from '../controllers/pod-state.ts'
import { getPodsToDelete } from './pods-to-delete.ts'
import { matchesLabelSelector } from '../store/label-selector.ts'
import { feedQueue, formatKey, splitKey, startWorkQueue } from '../controllers/work-queue.ts'
import type { ControllerOptions } from '../controllers/work-queue.ts'

const component = 'replicaset-controller'

/** Starts the controller. */
export function startReplicaSetController({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const queue = stack.use(startWorkQueue({ name: component, sync: (key) => syncReplicaSet(store, key), onError }))
  stack.use(feedQueue(queue, store, 'replicasets', (set) => [formatKey(set)]))
  stack.use(
    feedQueue(queue, store, 'pods', (pod) =>
      getControllerOf(pod) ? getControllerKeys(pod, 'ReplicaSet') : getPodReplicaSets(store, pod).map(formatKey),
    ),
  )
  return stack
}

function getPodReplicaSets(store: Store, pod: Stored<Pod>): Stored<ReplicaSet>[] {
  return store
    .list('replicasets', pod.metadata.namespace)
    .filter((set) => matchesLabelSelector(set.spec?.selector, pod.metadata.labels))
}

function syncReplicaSet(store: Store, key: string): number | undefined {
  const [namespace, name] = splitKey(key)
  const set = store.get('replicasets', name, namespace)
  if (!set) return undefined
  claimPods(store, set)
  const failure = set.metadata.deletionTimestamp === undefined ? manageReplicas(store, set) : undefined
  const recheckMs = updateStatus(store, set, failure)
  if (failure !== undefined) throw failure
  return recheckMs
}

function filterActivePods(store: Store, set: Stored<ReplicaSet>): Stored<Pod>[] {
  return store.list('pods', set.metadata.namespace).filter((pod) => isControlledBy(pod, set) && isActive(pod))
}

/**
 * Adopts matching pods without a controller, and releases its own that no longer match: so a pod can be isolated for debugging.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#isolating-pods-from-a-replicaset
 */
function claimPods(store: Store, set: Stored<ReplicaSet>): void {
  if (set.metadata.deletionTimestamp !== undefined) return
  for (const pod of store.list('pods', set.metadata.namespace)) {
    const matches = matchesLabelSelector(set.spec?.selector, pod.metadata.labels)
    const { name, namespace = '' } = pod.metadata
    if (matches && !getControllerOf(pod) && isActive(pod)) {
      store.modify('pods', name, namespace, ({ metadata }) => {
        metadata.ownerReferences = [...(metadata.ownerReferences ?? []), newControllerRef(set)]
      })
    } else if (!matches && isControlledBy(pod, set) && !isTerminating(pod)) {
      store.modify('pods', name, namespace, ({ metadata }) => {
        metadata.ownerReferences = metadata.ownerReferences?.filter(({ uid }) => uid !== set.metadata.uid) ?? []
      })
    }
  }
}

/** Returns the error that prevented the creation of a pod. */
function manageReplicas(store: Store, set: Stored<ReplicaSet>): Error | undefined {
  const pods = filterActivePods(store, set)
  const surplus = pods.length - (set.spec?.replicas ?? 1)
  if (surplus > 0) {
    // If all are deleted their order does not matter, and Kubernetes does not sort them either.
    const victims =
      surplus === pods.length ? pods : getPodsToDelete(pods, getIndirectlyRelatedPods(store, set), surplus)
    for (const pod of victims) {
      deletePodGracefully(store, pod)
      const message = `Deleted pod: ${pod.metadata.name}`
      recordEvent(store, { about: set, reason: 'SuccessfulDelete', message, component })
    }
  }
  for (let missing = -surplus; missing > 0; missing--) {
    try {
      createPod(store, set)
    } catch (error) {
      const message = `Error creating: ${String(error)}`
      recordEvent(store, { about: set, type: 'Warning', reason: 'FailedCreate', message, component })
      return new Error(message, { cause: error })
    }
  }
  return undefined
}

/** The active pods of all ReplicaSets of the same controller, including this one's. */
function getIndirectlyRelatedPods(store: Store, set: Stored<ReplicaSet>): Pod[] {
  const owner = getControllerOf(set)?.uid
  const siblings = new Set(
    store
      .list('replicasets', set.metadata.namespace)
      .filter((other) => other === set || (owner !== undefined && getControllerOf(other)?.uid === owner))
      .map((other) => other.metadata.uid),
  )
  return store.list('pods', set.metadata.namespace).filter((pod) => siblings.has(getControllerOf(pod)?.uid ?? ''))
}

function createPod(store: Store, set: Stored<ReplicaSet>): void {
  const { metadata = {}, spec } = set.spec?.template ?? {}
  const { namespace = '' } = set.metadata
  const pod = store.create('pods', {
    metadata: {
      generateName: `${set.metadata.name}-`,
      namespace,
      labels: { ...metadata.labels },
      ...(metadata.annotations && { annotations: metadata.annotations }),
      ...(metadata.finalizers && { finalizers: metadata.finalizers }),
      ownerReferences: [newControllerRef(set)],
    },
    ...(spec && { spec: admitPodSpec(spec) }),
    status: { phase: 'Pending' },
  })
  const message = `Created pod: ${pod.metadata.name}`
  recordEvent(store, { about: set, reason: 'SuccessfulCreate', message, component })
}

/** Returns the number of ms until the next ready pod becomes available. */
function updateStatus(store: Store, set: Stored<ReplicaSet>, failure: Error | undefined): number | undefined {
  const { name, namespace = '', generation = 1 } = set.metadata
  const pods = filterActivePods(store, set)
  const templateLabels = { matchLabels: set.spec?.template?.metadata?.labels ?? {} }
  const now = Date.now()
  const waits = pods
    .map((pod) => computeTimeToAvailableMs(pod, set.spec?.minReadySeconds ?? 0, now))
    .filter((wait) => wait !== undefined)
  const available = waits.filter((wait) => wait === 0).length
  const failed = set.status?.conditions?.find((condition) => condition.type === 'ReplicaFailure')
  const condition = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: failure?.message ?? '',
    lastTransitionTime: failed?.lastTransitionTime ?? formatNow(),
  }
  const status = {
    replicas: pods.length,
    fullyLabeledReplicas: pods.filter((pod) => matchesLabelSelector(templateLabels, pod.metadata.labels)).length,
    readyReplicas: pods.filter(isReady).length,
    availableReplicas: available,
    observedGeneration: generation,
    ...(failure && { conditions: [condition] }),
  }
  store.modify('replicasets', name, namespace, (draft) => (draft.status = omitZeros(status)))
  const pending = waits.filter((wait) => wait > 0)
  return pending.length > 0 ? Math.min(...pending) : undefined
}

/** On the wire a count of 0 is left out (`omitempty`), except for `replicas`. */
function omitZeros(status: NonNullable<ReplicaSet['status']>): NonNullable<ReplicaSet['status']> {
  const entries = Object.entries(status).filter(([field, value]) => value !== 0 || field === 'replicas')
  return { replicas: status.replicas, ...Object.fromEntries(entries) }
}
