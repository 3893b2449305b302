/** Rolls out Deployments by means of ReplicaSets (pkg/controller/deployment/deployment_controller.go). */
import type { Stored, ReplicaSet } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { setCondition, createStatusWithConditions } from './deployment-conditions.ts'
import { readRollout, refreshRollout, syncRevision } from './deployment-revisions.ts'
import { rolloutRecreate, rolloutRolling } from './deployment-rollout.ts'
import { listReplicaSets, scaleDeployment, isScalingEvent } from './deployment-scaling.ts'
import type { Rollout } from './deployment-scaling.ts'
import { resolveRolloutSettings } from './deployment-settings.ts'
import { syncRolloutStatus } from './deployment-status.ts'
import { getControllerKeys, getControllerOf, isControlledBy } from '../controllers/ownership.ts'
import { isActive, isReady } from '../controllers/pod-state.ts'
import { feedQueue, formatKey, splitKey, startWorkQueue } from '../controllers/work-queue.ts'
import type { ControllerOptions } from '../controllers/work-queue.ts'

/** Starts the controller. */
export function startDeploymentController({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const syncKey = (key: string): number | undefined => syncDeployment(store, key)
  const queue = stack.use(startWorkQueue({ name: 'deployment-controller', sync: syncKey, onError }))
  stack.use(feedQueue(queue, store, 'deployments', (deployment) => [formatKey(deployment)]))
  stack.use(feedQueue(queue, store, 'replicasets', (set) => getControllerKeys(set, 'Deployment')))
  // Recreate waits for the last old pod, which its ReplicaSet no longer counts once it terminates.
  stack.use(
    store.watch('pods', ({ type, object }) => {
      const owner = getControllerOf(object)
      const set = owner && store.get('replicasets', owner.name, object.metadata.namespace)
      if (type === 'DELETED' && set) for (const key of getDeploymentKeys(set)) queue.add(key)
    }),
  )
  return stack
}

function getDeploymentKeys(set: Stored<ReplicaSet>): string[] {
  return getControllerKeys(set, 'Deployment')
}

function syncDeployment(store: Store, key: string): number | undefined {
  const [namespace, name] = splitKey(key)
  const found = readRollout(store, namespace, name)
  if (!found) return undefined
  if (found.deployment.metadata.deletionTimestamp !== undefined)
    return syncRolloutStatus(store, found, { estimate: false })
  checkPausedConditions(store, found)
  const start = refreshRollout(store, found)
  if (!listReplicaSets(start).every((set) => isReplicaSetSynced(store, set)))
    return syncRolloutStatus(store, start, { estimate: true })
  if (start.deployment.spec?.paused === true || isScalingEvent(start)) {
    syncRevision(store, start, false)
    scaleDeployment(store, refreshRollout(store, start))
    return syncRolloutStatus(store, refreshRollout(store, start), { estimate: false })
  }
  if (resolveRolloutSettings(start.deployment).recreate) rolloutRecreate(store, start)
  else rolloutRolling(store, start)
  return syncRolloutStatus(store, refreshRollout(store, start), { estimate: true })
}

/**
 * Whether the ReplicaSet's controller has acted on its latest size and its status shows the pods as they are. Only then a rollout takes its
 * next step. A real controller relies on caches with little lag; here nothing lags, and without waiting a growing set could overtake one
 * that should shrink before it, so that pods exceed the surge. The set's next status brings the Deployment back into the queue.
 */
function isReplicaSetSynced(store: Store, set: Stored<ReplicaSet>): boolean {
  const { metadata, status } = set
  const pods = store.list('pods', metadata.namespace).filter((pod) => isControlledBy(pod, set) && isActive(pod))
  return (
    (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1) &&
    (status?.replicas ?? 0) === pods.length &&
    (status?.readyReplicas ?? 0) === pods.filter(isReady).length
  )
}

/** A pause stops the progress deadline, unless it has expired (sync.go checkPausedConditions). */
function checkPausedConditions(store: Store, { deployment }: Rollout): void {
  const conditions = deployment.status?.conditions ?? []
  const reason = conditions.find((condition) => condition.type === 'Progressing')?.reason
  const paused = deployment.spec?.paused === true
  const noted = reason === 'DeploymentPaused'
  if (resolveRolloutSettings(deployment).progressDeadlineSeconds === undefined || reason === 'ProgressDeadlineExceeded')
    return
  if (paused === noted) return
  const next = setCondition(conditions, {
    type: 'Progressing',
    status: 'Unknown',
    reason: paused ? 'DeploymentPaused' : 'DeploymentResumed',
    message: paused ? 'Deployment is paused' : 'Deployment is resumed',
  })
  store.modify('deployments', deployment.metadata.name, deployment.metadata.namespace ?? '', (draft) => {
    draft.status = createStatusWithConditions(draft.status, next)
  })
}
