/**
 * Gives each pod a node (pkg/scheduler/schedule_one.go). Looks at labels, taints, affinity and spread; what pods request
 * of CPU and memory it does not weigh, as the embedded cluster's nodes are all the same machine.
 */
import { recordEvent } from '../store/events.ts'
import type { Node, Pod, PodCondition, Stored } from '../store/objects.ts'
import { nowSeconds } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import { controllerOf } from '../controllers/ownership.ts'
import { isActive, isFinished } from '../controllers/pod-state.ts'
import { whyNot } from './scheduling-rules.ts'
import type { Scene } from './cluster-snapshot.ts'
import { crowding } from './topology-spread.ts'
import { keyOf, splitKey, startQueue } from '../controllers/work-queue.ts'
import type { ControllerOptions } from '../controllers/work-queue.ts'

const component = 'default-scheduler'

/** Starts the scheduler. A pod that fits nowhere is tried again when a node changes or another pod leaves or moves in. */
export function startScheduler({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const sync = (key: string): undefined => schedule(store, key)
  const queue = stack.use(startQueue({ name: 'scheduler', sync, onError }))
  const addPending = (): void => {
    for (const pod of store.list('pods')) if (isPending(pod)) queue.add(keyOf(pod))
  }
  addPending()
  stack.use(store.watch('nodes', addPending))
  stack.use(
    store.watch('pods', ({ type, object, previous }) => {
      const generation = previous?.metadata.generation
      if (type !== 'DELETED' && isPending(object)) {
        // Its own status says nothing new to the scheduler: it was written by it.
        if (generation !== object.metadata.generation) queue.add(keyOf(object))
      } else if (type === 'DELETED' || (previous && isActive(previous) && !isActive(object))) {
        addPending()
      }
    }),
  )
  return stack
}

function isPending(pod: Pod): boolean {
  return !pod.spec?.nodeName && isActive(pod) && (pod.spec?.schedulerName ?? component) === component
}

function schedule(store: Store, key: string): undefined {
  const [namespace, name] = splitKey(key)
  const pod = store.get('pods', name, namespace)
  if (!pod || !isPending(pod)) return
  if ((pod.spec?.schedulingGates ?? []).length > 0) {
    markUnschedulable(store, pod, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates')
    return
  }
  const placed = store.list('pods').filter((other) => Boolean(other.spec?.nodeName) && !isFinished(other))
  const scene = { nodes: store.list('nodes'), placed }
  const verdicts = scene.nodes.map((node) => ({ node, reason: whyNot(pod, node, scene) }))
  const fitting = verdicts.filter(({ reason }) => reason === undefined).map(({ node }) => node)
  const best = chooseNode(pod, fitting, scene)
  if (best) {
    bind(store, pod, best)
    return
  }
  const message = fitError(verdicts.flatMap(({ reason }) => reason ?? []))
  markUnschedulable(store, pod, 'Unschedulable', message)
  recordEvent(store, { about: pod, type: 'Warning', reason: 'FailedScheduling', message, component })
}

/** Where the pod's soft constraints are least crowded, then the fewest pods of its owner run, then the fewest at all. */
function chooseNode(pod: Stored<Pod>, nodes: Stored<Node>[], scene: Scene): Stored<Node> | undefined {
  const owner = controllerOf(pod)?.uid
  const scored = nodes.map((node) => {
    const here = scene.placed.filter((other) => other.spec?.nodeName === node.metadata.name)
    const siblings = here.filter(
      (other) => owner !== undefined && isActive(other) && controllerOf(other)?.uid === owner,
    )
    return { node, score: [crowding(pod, node, scene), siblings.length, here.length] as const }
  })
  return scored.toSorted(({ score: a }, { score: b }) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])[0]?.node
}

function bind(store: Store, pod: Stored<Pod>, node: Stored<Node>): void {
  const { name, namespace = '' } = pod.metadata
  store.modify('pods', name, namespace, (draft) => {
    if (draft.spec) draft.spec.nodeName = node.metadata.name
    draft.status = withScheduled(draft, { type: 'PodScheduled', status: 'True' })
  })
  const message = `Successfully assigned ${namespace}/${name} to ${node.metadata.name}`
  recordEvent(store, { about: pod, reason: 'Scheduled', message, component })
}

function markUnschedulable(store: Store, { metadata }: Stored<Pod>, reason: string, message: string): void {
  store.modify('pods', metadata.name, metadata.namespace ?? '', (draft) => {
    draft.status = withScheduled(draft, { type: 'PodScheduled', status: 'False', reason, message })
  })
}

function withScheduled({ status }: Pod, next: PodCondition): NonNullable<Pod['status']> {
  const conditions = status?.conditions ?? []
  const known = conditions.find((condition) => condition.type === 'PodScheduled')
  const since = (known?.status === next.status && known.lastTransitionTime) || nowSeconds()
  const others = conditions.filter((condition) => condition !== known)
  return { phase: 'Pending', ...status, conditions: [...others, { ...next, lastTransitionTime: since }] }
}

/** "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match …" (framework.FitError). */
function fitError(reasons: string[]): string {
  if (reasons.length === 0) return 'no nodes available to schedule pods'
  const counted = [...new Set(reasons)].map((reason) => `${reasons.filter((each) => each === reason).length} ${reason}`)
  return `0/${reasons.length} nodes are available: ${counted.sort().join(', ')}.`
}
