/** A Deployment's status during a rollout, which `kubectl rollout status` reads (pkg/controller/deployment/progress.go). */
import type { Deployment, Stored } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { replaceCondition, setCondition, filterOutCondition } from './deployment-conditions.ts'
import type { DeploymentCondition } from './deployment-conditions.ts'
import { listReplicaSets, sumReplicas, sumStatus } from './deployment-scaling.ts'
import type { Rollout } from './deployment-scaling.ts'
import { resolveRolloutSettings } from './deployment-settings.ts'
import { parseTimeMs } from '../controllers/pod-state.ts'

type Status = NonNullable<Deployment['status']>

/**
 * Writes the status. With `estimate` it also decides whether the rollout makes progress; not for a paused or scaled Deployment. Returns the
 * number of ms until the deadline must be checked.
 */
export function syncRolloutStatus(
  store: Store,
  rollout: Rollout,
  { estimate }: { estimate: boolean },
): number | undefined {
  const { name, namespace = '' } = rollout.deployment.metadata
  const before = rollout.deployment.status ?? {}
  let status = calculateStatus(rollout)
  if (estimate) status = { ...status, conditions: computeConditions(rollout, before, status) }
  store.modify('deployments', name, namespace, (draft) => (draft.status = omitZeros(status)))
  return estimate ? computeTimeToDeadlineMs(rollout.deployment, status) : undefined
}

function calculateStatus(rollout: Rollout): Status {
  const { deployment, current } = rollout
  const { replicas, maxUnavailable } = resolveRolloutSettings(deployment)
  const sets = listReplicaSets(rollout)
  const available = sumStatus(sets, 'availableReplicas')
  const enough = available >= replicas - maxUnavailable
  const { collisionCount, conditions = [] } = deployment.status ?? {}
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    replicas: sumStatus(sets, 'replicas'),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sumStatus(sets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sumReplicas(sets) - available),
    ...(collisionCount !== undefined && { collisionCount }),
    conditions: setCondition(conditions, {
      type: 'Available',
      status: enough ? 'True' : 'False',
      reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
    }),
  }
}

/** The conditions with updated Progressing and ReplicaFailure (progress.go syncRolloutStatus). */
function computeConditions(rollout: Rollout, before: Status, status: Status): DeploymentCondition[] {
  const { deployment, current } = rollout
  let conditions = status.conditions ?? []
  const progressing = conditions.find((condition) => condition.type === 'Progressing')
  const what = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  const condition = { type: 'Progressing', status: 'True' } as const
  const done = status.replicas === status.updatedReplicas && progressing?.reason === 'NewReplicaSetAvailable'
  if (resolveRolloutSettings(deployment).progressDeadlineSeconds === undefined) {
    conditions = filterOutCondition(conditions, 'Progressing')
  } else if (done) {
    // There is no rollout: a resync must not restart the deadline.
  } else if (deploymentComplete(deployment, status)) {
    const message = `${what} has successfully progressed.`
    conditions = setCondition(conditions, { ...condition, reason: 'NewReplicaSetAvailable', message })
  } else if (deploymentProgressing(before, status)) {
    const message = `${what} is progressing.`
    conditions = replaceCondition(conditions, { ...condition, reason: 'ReplicaSetUpdated', message })
  } else if (deploymentTimedOut(deployment, progressing)) {
    const message = `${what} has timed out progressing.`
    const reason = 'ProgressDeadlineExceeded'
    conditions = setCondition(conditions, { ...condition, status: 'False', reason, message })
  }
  return setReplicaFailure(rollout, conditions)
}

/** A set that cannot create its pods is reported by its Deployment too. */
function setReplicaFailure(rollout: Rollout, conditions: DeploymentCondition[]): DeploymentCondition[] {
  const failure = listReplicaSets(rollout)
    .toReversed()
    .flatMap((set) => set.status?.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure')
  if (!failure) return filterOutCondition(conditions, 'ReplicaFailure')
  const { reason = '', message = '' } = failure
  return setCondition(conditions, { type: 'ReplicaFailure', status: 'True', reason, message })
}

/** Every pod has the present template and is available, and no other one is left (deployment_util.go DeploymentComplete). */
export function deploymentComplete(deployment: Stored<Deployment>, status: Status): boolean {
  const { replicas } = resolveRolloutSettings(deployment)
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 1)
  )
}

function deploymentProgressing(before: Status, now: Status): boolean {
  const hasGrown = (field: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'): boolean =>
    (now[field] ?? 0) > (before[field] ?? 0)
  const countOldReplicas = (status: Status): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    hasGrown('updatedReplicas') ||
    countOldReplicas(now) < countOldReplicas(before) ||
    hasGrown('readyReplicas') ||
    hasGrown('availableReplicas')
  )
}

function deploymentTimedOut(deployment: Deployment, progressing: DeploymentCondition | undefined): boolean {
  if (!progressing || progressing.reason === 'NewReplicaSetAvailable') return false
  return progressing.reason === 'ProgressDeadlineExceeded' || computeDeadlineMs(deployment, progressing) < Date.now()
}

function computeDeadlineMs(deployment: Deployment, progressing: DeploymentCondition): number {
  return (
    parseTimeMs(progressing.lastUpdateTime) +
    (resolveRolloutSettings(deployment).progressDeadlineSeconds ?? Infinity) * 1000
  )
}

/** A second is added, so that whole seconds cannot make the check too early (requeueStuckDeployment). */
function computeTimeToDeadlineMs(deployment: Stored<Deployment>, status: Status): number | undefined {
  const progressing = status.conditions?.find((condition) => condition.type === 'Progressing')
  if (!progressing || ['ProgressDeadlineExceeded', 'NewReplicaSetAvailable'].includes(progressing.reason ?? ''))
    return undefined
  if (deploymentComplete(deployment, status)) return undefined
  return Math.max(0, computeDeadlineMs(deployment, progressing) - Date.now()) + 1000
}

/** On the wire a count of 0 is left out (`omitempty`). */
function omitZeros(status: Status): Status {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== 0))
}
