/**
 * Assigns a node to each pod (pkg/scheduler/schedule_one.go). It uses labels, taints, affinity and spread, but ignores requests of CPU and
 * memory, because the embedded cluster's nodes are all the same machine.
 */
import { recordEvent } from '../store/events.ts'
import type { Node, Pod, PodCondition, Stored } from '../store/objects.ts'
import { formatNow } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import { getControllerOf } from '../controllers/ownership.ts'
import { isActive, isPodTerminal } from '../controllers/pod-state.ts'
import { findUnschedulableReason } from './scheduling-rules.ts'
import type { ClusterSnapshot } from './cluster-snapshot.ts'
import { computeCrowding } from './topology-spread.ts'
import { formatKey, splitKey, startWorkQueue } from '../controllers/work-queue.ts'
import type { ControllerOptions } from '../controllers/work-queue.ts'

const component = 'default-scheduler'

/** Starts the scheduler. A pod that fits nowhere is retried when a node changes or another pod leaves or is placed. */
export function startScheduler({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const syncKey = (key: string): undefined => schedulePod(store, key)
  const queue = stack.use(startWorkQueue({ name: 'scheduler', sync: syncKey, onError }))
  const queuePendingPods = (): void => {
    for (const pod of store.list('pods')) if (isPending(pod)) queue.add(formatKey(pod))
  }
  queuePendingPods()
  stack.use(store.watch('nodes', queuePendingPods))
  stack.use(
    store.watch('pods', ({ type, object, previous }) => {
      const generation = previous?.metadata.generation
      if (type !== 'DELETED' && isPending(object)) {
        // Skips statuses that the scheduler wrote itself.
        if (generation !== object.metadata.generation) queue.add(formatKey(object))
      } else if (type === 'DELETED' || (previous && isActive(previous) && !isActive(object))) {
        queuePendingPods()
      }
    }),
  )
  return stack
}

function isPending(pod: Pod): boolean {
  return !pod.spec?.nodeName && isActive(pod) && (pod.spec?.schedulerName ?? component) === component
}

function schedulePod(store: Store, key: string): undefined {
  const [namespace, name] = splitKey(key)
  const pod = store.get('pods', name, namespace)
  if (!pod || !isPending(pod)) return
  if ((pod.spec?.schedulingGates ?? []).length > 0) {
    markUnschedulable(store, pod, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates')
    return
  }
  const placed = store.list('pods').filter((other) => Boolean(other.spec?.nodeName) && !isPodTerminal(other))
  const scene = { nodes: store.list('nodes'), placed }
  const verdicts = scene.nodes.map((node) => ({ node, reason: findUnschedulableReason(pod, node, scene) }))
  const fitting = verdicts.filter(({ reason }) => reason === undefined).map(({ node }) => node)
  const best = selectHost(pod, fitting, scene)
  if (best) {
    bindPod(store, pod, best)
    return
  }
  const message = formatFitError(verdicts.flatMap(({ reason }) => reason ?? []))
  markUnschedulable(store, pod, 'Unschedulable', message)
  recordEvent(store, { about: pod, type: 'Warning', reason: 'FailedScheduling', message, component })
}

/** Prefers the node where the pod's soft constraints are least crowded, then the one with the fewest pods of its owner, then of all. */
function selectHost(pod: Stored<Pod>, nodes: Stored<Node>[], scene: ClusterSnapshot): Stored<Node> | undefined {
  const owner = getControllerOf(pod)?.uid
  const scored = nodes.map((node) => {
    const here = scene.placed.filter((other) => other.spec?.nodeName === node.metadata.name)
    const siblings = here.filter(
      (other) => owner !== undefined && isActive(other) && getControllerOf(other)?.uid === owner,
    )
    return { node, score: [computeCrowding(pod, node, scene), siblings.length, here.length] as const }
  })
  return scored.toSorted(({ score: a }, { score: b }) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])[0]?.node
}

function bindPod(store: Store, pod: Stored<Pod>, node: Stored<Node>): void {
  const { name, namespace = '' } = pod.metadata
  store.modify('pods', name, namespace, (draft) => {
    if (draft.spec) draft.spec.nodeName = node.metadata.name
    draft.status = setScheduledCondition(draft, { type: 'PodScheduled', status: 'True' })
  })
  const message = `Successfully assigned ${namespace}/${name} to ${node.metadata.name}`
  recordEvent(store, { about: pod, reason: 'Scheduled', message, component })
}

function markUnschedulable(store: Store, { metadata }: Stored<Pod>, reason: string, message: string): void {
  store.modify('pods', metadata.name, metadata.namespace ?? '', (draft) => {
    draft.status = setScheduledCondition(draft, { type: 'PodScheduled', status: 'False', reason, message })
  })
}

function setScheduledCondition({ status }: Pod, next: PodCondition): NonNullable<Pod['status']> {
  const conditions = status?.conditions ?? []
  const known = conditions.find((condition) => condition.type === 'PodScheduled')
  const since = (known?.status === next.status && known.lastTransitionTime) || formatNow()
  const others = conditions.filter((condition) => condition !== known)
  return { phase: 'Pending', ...status, conditions: [...others, { ...next, lastTransitionTime: since }] }
}

/** "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match …" (framework.FitError). */
function formatFitError(reasons: string[]): string {
  if (reasons.length === 0) return 'no nodes available to schedule pods'
  const counted = [...new Set(reasons)].map((reason) => `${reasons.filter((each) => each === reason).length} ${reason}`)
  return `0/${reasons.length} nodes are available: ${counted.sort().join(', ')}.`
}
