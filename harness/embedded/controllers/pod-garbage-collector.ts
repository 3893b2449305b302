/** Removes pods that no kubelet will remove (pkg/controller/podgc/gc_controller.go). */
import type { Store } from '../store/store.ts'
import { deletePodGracefully } from '../store/pod-deletion.ts'
import { isTerminating } from './pod-state.ts'
import { feedPods, splitKey, startWorkQueue } from './work-queue.ts'
import type { ControllerOptions } from './work-queue.ts'

/** A node that has been gone for this long will not come back under its name (quarantineTime). */
const quarantineMs = 40_000

/** Starts the collector. */
export function startPodGarbageCollector({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const missingSince = new Map<string, number>()
  const queue = stack.use(
    startWorkQueue({
      name: 'pod-garbage-collector',
      sync: (key) => collectOrphanedPod(store, missingSince, key),
      onError,
    }),
  )
  stack.use(feedPods(queue, store))
  return stack
}

/** Returns the number of ms until the quarantine of the pod's missing node ends. */
function collectOrphanedPod(store: Store, missingSince: Map<string, number>, key: string): number | undefined {
  const [namespace, name] = splitKey(key)
  const pod = store.get('pods', name, namespace)
  if (!pod) return undefined
  const node = pod.spec?.nodeName ?? ''
  if (node === '') {
    if (isTerminating(pod)) deletePodGracefully(store, pod, { graceSeconds: 0 })
    return undefined
  }
  if (store.get('nodes', node)) {
    missingSince.delete(node)
    return undefined
  }
  const since = missingSince.get(node) ?? performance.now()
  missingSince.set(node, since)
  const leftMs = since + quarantineMs - performance.now()
  if (leftMs > 0) return leftMs
  deletePodGracefully(store, pod, { graceSeconds: 0 })
  return undefined
}
