/** The kubelet of the embedded cluster: registers the nodes and gives every pod bound to one of them a worker. */
import { join } from 'node:path'
import type { Pod, Stored } from '../store/objects.ts'
import { defaultKubeletLag } from './lag.ts'
import type { KubeletLag } from './lag.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Change, Store } from '../store/store.ts'
import { LogStore } from '../containers/logs.ts'
import type { PodLogs } from '../store/pod-logs.ts'
import { registerNodes } from './nodes.ts'
import { PodContext } from './pod-context.ts'
import { PodWorker } from './pod-worker.ts'

export interface KubeletOptions {
  store: Store
  runtime: Runtime
  nodes: string[]
  /** A directory for volumes, on a tmpfs. */
  stateDir: string
  /** Default: as measured on a real cluster. */
  lag?: KubeletLag
}

export interface Kubelet extends AsyncDisposable {
  readonly logs: PodLogs
}

/** Runs until it is disposed of; then every container is killed and nothing more is written to the store. */
// oxlint-disable-next-line require-await
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { store, runtime, nodes, stateDir, lag = defaultKubeletLag } = options
  const logs = new LogStore(store)
  const local = new Map(registerNodes(store, nodes).map((node) => [node.name, node]))
  const workers = new Map<string, PodWorker>()

  const syncPod = (pod: Stored<Pod>): void => {
    const { uid } = pod.metadata
    const node = local.get(pod.spec?.nodeName ?? '')
    if (!node) return
    const worker = workers.get(uid)
    if (worker) return worker.update(pod)
    const directory = join(stateDir, 'pods', uid)
    workers.set(uid, new PodWorker(new PodContext(pod, { store, runtime, node, logs, directory, lag })))
  }
  const handlePodChange = ({ type, object }: Change<'pods'>): void => {
    if (type !== 'DELETED') return syncPod(object)
    const { uid } = object.metadata
    const worker = workers.get(uid)
    if (!worker) return
    worker.handleRemoval()
    void worker.done.then(() => workers.delete(uid))
  }

  const watch = store.watch('pods', handlePodChange)
  for (const pod of store.list('pods')) syncPod(pod)
  return {
    logs,
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]()
      await Promise.all([...workers.values()].map((worker) => worker.destroy()))
    },
  }
}
