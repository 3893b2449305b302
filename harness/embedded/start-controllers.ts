/** The embedded cluster's controllers and scheduler, in place of kube-controller-manager and kube-scheduler. */
import type { Store } from './store/store.ts'
import { startDeploymentController } from './deployments/deployment.ts'
import { startDisruptionController } from './controllers/disruption-budget.ts'
import { startEndpointSliceController } from './controllers/endpoint-slices.ts'
import { startGarbageCollector } from './controllers/garbage-collector.ts'
import { startJobController } from './jobs/job.ts'
import { startNamespaceController } from './controllers/namespace-deletion.ts'
import { startPodGarbageCollector } from './controllers/pod-garbage-collector.ts'
import { startReplicaSetController } from './deployments/replica-set.ts'
import { startScheduler } from './scheduling/scheduler.ts'
import { startTaintEvictionController } from './scheduling/taint-eviction.ts'

export interface ControllersOptions {
  /** Called with every failed sync; default: a process warning. The controller repeats it in any case. */
  onError?: (error: Error) => void
}

/** Starts all of them on one store. Disposing stops them at once; the store keeps its content. */
export function startControllers(store: Store, options: ControllersOptions = {}): AsyncDisposable {
  const { onError = (error) => process.emitWarning(error) } = options
  const stack = new AsyncDisposableStack()
  for (const start of [
    startDeploymentController,
    startReplicaSetController,
    startJobController,
    startScheduler,
    startEndpointSliceController,
    startDisruptionController,
    startGarbageCollector,
    startNamespaceController,
    startPodGarbageCollector,
    startTaintEvictionController,
  ]) {
    stack.use(start({ store, onError }))
  }
  return stack
}
