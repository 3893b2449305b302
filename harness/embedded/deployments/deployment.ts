/** Rolls Deployments out, by way of ReplicaSets (pkg/controller/deployment/deployment_controller.go). */
import type { Stored, ReplicaSet } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { setCondition, withConditions } from './deployment-conditions.ts'
import { readRollout, reread, syncRevision } from './deployment-revisions.ts'
import { recreate, rollOver } from './deployment-rollout.ts'
import { everySet, scaleProportionally, wasScaled } from './deployment-scaling.ts'
import type { Rollout } from './deployment-scaling.ts'
import { settingsOf } from './deployment-settings.ts'
import { writeStatus } from './deployment-status.ts'
import { controllerKeys, controllerOf, isControlledBy } from '../controllers/ownership.ts'
import { isActive, isReady } from '../controllers/pod-state.ts'
import { feed, keyOf, splitKey, startQueue } from '../controllers/work-queue.ts'
import type { ControllerOptions } from '../controllers/work-queue.ts'

/** Starts the controller. */
export function startDeployments({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const sync = (key: string): number | undefined => syncDeployment(store, key)
  const queue = stack.use(startQueue({ name: 'deployment-controller', sync, onError }))
  stack.use(feed(queue, store, 'deployments', (deployment) => [keyOf(deployment)]))
  stack.use(feed(queue, store, 'replicasets', (set) => controllerKeys(set, 'Deployment')))
  // Recreate waits for the last old pod, of which its ReplicaSet no longer tells once the pod terminates.
  stack.use(
    store.watch('pods', ({ type, object }) => {
      const owner = controllerOf(object)
      const set = owner && store.get('replicasets', owner.name, object.metadata.namespace)
      if (type === 'DELETED' && set) for (const key of deploymentKeys(set)) queue.add(key)
    }),
  )
  return stack
}

function deploymentKeys(set: Stored<ReplicaSet>): string[] {
  return controllerKeys(set, 'Deployment')
}

function syncDeployment(store: Store, key: string): number | undefined {
  const [namespace, name] = splitKey(key)
  const found = readRollout(store, namespace, name)
  if (!found) return undefined
  if (found.deployment.metadata.deletionTimestamp !== undefined) return writeStatus(store, found, { estimate: false })
  notePause(store, found)
  const start = reread(store, found)
  if (!everySet(start).every((set) => isSettled(store, set))) return writeStatus(store, start, { estimate: true })
  if (start.deployment.spec?.paused === true || wasScaled(start)) {
    syncRevision(store, start, false)
    scaleProportionally(store, reread(store, start))
    return writeStatus(store, reread(store, start), { estimate: false })
  }
  if (settingsOf(start.deployment).recreate) recreate(store, start)
  else rollOver(store, start)
  return writeStatus(store, reread(store, start), { estimate: true })
}

/**
 * Whether the ReplicaSet's controller has acted on its latest size and its status shows the pods as they are. A rollout
 * takes its next step only then. A real one trusts that its caches lag little behind; here nothing lags, and without
 * waiting a set that grows could overtake one that was to shrink before it, and pods exceed the surge. The set's next
 * status brings the Deployment back into the queue.
 */
function isSettled(store: Store, set: Stored<ReplicaSet>): boolean {
  const { metadata, status } = set
  const pods = store.list('pods', metadata.namespace).filter((pod) => isControlledBy(pod, set) && isActive(pod))
  return (
    (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1) &&
    (status?.replicas ?? 0) === pods.length &&
    (status?.readyReplicas ?? 0) === pods.filter(isReady).length
  )
}

/** A pause stops the clock of the progress deadline, unless that has run out (sync.go checkPausedConditions). */
function notePause(store: Store, { deployment }: Rollout): void {
  const conditions = deployment.status?.conditions ?? []
  const reason = conditions.find((condition) => condition.type === 'Progressing')?.reason
  const paused = deployment.spec?.paused === true
  const noted = reason === 'DeploymentPaused'
  if (settingsOf(deployment).progressDeadlineSeconds === undefined || reason === 'ProgressDeadlineExceeded') return
  if (paused === noted) return
  const next = setCondition(conditions, {
    type: 'Progressing',
    status: 'Unknown',
    reason: paused ? 'DeploymentPaused' : 'DeploymentResumed',
    message: paused ? 'Deployment is paused' : 'Deployment is resumed',
  })
  store.modify('deployments', deployment.metadata.name, deployment.metadata.namespace ?? '', (draft) => {
    draft.status = withConditions(draft.status, next)
  })
}
