/**
 * Evicts pods from nodes that they do not tolerate (pkg/controller/tainteviction/taint_eviction.go).
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
import { recordEvent } from '../store/events.ts'
import type { Node, Pod } from '../store/objects.ts'
import { deletePodGracefully, addDisruptionTargetCondition } from '../store/pod-deletion.ts'
import type { Store } from '../store/store.ts'
import { isActive } from '../controllers/pod-state.ts'
import { toleratesTaint } from './scheduling-rules.ts'
import { feedPods, splitKey, startWorkQueue } from '../controllers/work-queue.ts'
import type { ControllerOptions } from '../controllers/work-queue.ts'

const component = 'taint-eviction-controller'

/** Starts the controller. Taints with the effect NoExecute evict; the time of a toleration counts from when the taint is first seen. */
export function startTaintEvictionController({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const tolerated = new Map<string, number>()
  const queue = stack.use(
    startWorkQueue({ name: component, sync: (key) => evictTaintedPod(store, tolerated, key), onError }),
  )
  stack.use(feedPods(queue, store))
  return stack
}

/** Returns the number of ms until the pod's toleration ends. */
function evictTaintedPod(store: Store, tolerated: Map<string, number>, key: string): number | undefined {
  const [namespace, name] = splitKey(key)
  const pod = store.get('pods', name, namespace)
  const node = pod && isActive(pod) ? store.get('nodes', pod.spec?.nodeName ?? '') : undefined
  const toleratedMs = pod && node ? computeTolerationMs(pod, node) : undefined
  if (!pod || toleratedMs === undefined) {
    tolerated.delete(key)
    return undefined
  }
  const since = tolerated.get(key) ?? performance.now()
  tolerated.set(key, since)
  const leftMs = since + toleratedMs - performance.now()
  if (leftMs > 0) return leftMs
  const message = `Marking for deletion Pod ${namespace}/${name}`
  recordEvent(store, { about: pod, reason: 'TaintManagerEviction', message, component })
  const why = 'Taint manager: deleting due to NoExecute taint'
  deletePodGracefully(store, addDisruptionTargetCondition(store, pod, 'DeletionByTaintManager', why))
  return undefined
}

/** How long the pod may stay although its node is tainted; undefined: forever. */
function computeTolerationMs({ spec }: Pod, node: Node): number | undefined {
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
  const used = taints.map((taint) =>
    (spec?.tolerations ?? []).filter((toleration) => toleratesTaint(toleration, taint)),
  )
  if (used.some((tolerations) => tolerations.length === 0)) return 0
  const seconds = used.flat().flatMap(({ tolerationSeconds }) => tolerationSeconds ?? [])
  return seconds.length === 0 ? undefined : Math.max(0, Math.min(...seconds)) * 1000
}
