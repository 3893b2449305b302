/** What a Deployment tells of its rollout; `kubectl rollout status` reads it (pkg/controller/deployment/progress.go). */
import type { Deployment, Stored } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { replaceCondition, setCondition, withoutCondition } from './deployment-conditions.ts'
import type { DeploymentCondition } from './deployment-conditions.ts'
import { everySet, totalSize, totalStatus } from './deployment-scaling.ts'
import type { Rollout } from './deployment-scaling.ts'
import { settingsOf } from './deployment-settings.ts'
import { timeMs } from '../controllers/pod-state.ts'

type Status = NonNullable<Deployment['status']>

/**
 * Writes the status. With `estimate` it also judges whether the rollout makes progress; a paused or scaled Deployment is
 * not judged. Returns after how many ms the deadline must be looked at.
 */
export function writeStatus(store: Store, rollout: Rollout, { estimate }: { estimate: boolean }): number | undefined {
  const { name, namespace = '' } = rollout.deployment.metadata
  const before = rollout.deployment.status ?? {}
  let status = countReplicas(rollout)
  if (estimate) status = { ...status, conditions: judge(rollout, before, status) }
  store.modify('deployments', name, namespace, (draft) => (draft.status = withoutZeros(status)))
  return estimate ? untilDeadlineMs(rollout.deployment, status) : undefined
}

function countReplicas(rollout: Rollout): Status {
  const { deployment, current } = rollout
  const { replicas, maxUnavailable } = settingsOf(deployment)
  const sets = everySet(rollout)
  const available = totalStatus(sets, 'availableReplicas')
  const enough = available >= replicas - maxUnavailable
  const { collisionCount, conditions = [] } = deployment.status ?? {}
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    replicas: totalStatus(sets, 'replicas'),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: totalStatus(sets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, totalSize(sets) - available),
    ...(collisionCount !== undefined && { collisionCount }),
    conditions: setCondition(conditions, {
      type: 'Available',
      status: enough ? 'True' : 'False',
      reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
    }),
  }
}

/** The conditions with Progressing and ReplicaFailure as they are to be (progress.go syncRolloutStatus). */
function judge(rollout: Rollout, before: Status, status: Status): DeploymentCondition[] {
  const { deployment, current } = rollout
  let conditions = status.conditions ?? []
  const progressing = conditions.find((condition) => condition.type === 'Progressing')
  const what = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  const condition = { type: 'Progressing', status: 'True' } as const
  const done = status.replicas === status.updatedReplicas && progressing?.reason === 'NewReplicaSetAvailable'
  if (settingsOf(deployment).progressDeadlineSeconds === undefined) {
    conditions = withoutCondition(conditions, 'Progressing')
  } else if (done) {
    // Nothing rolls: a resync must not start the clock again.
  } else if (isComplete(deployment, status)) {
    const message = `${what} has successfully progressed.`
    conditions = setCondition(conditions, { ...condition, reason: 'NewReplicaSetAvailable', message })
  } else if (hasProgressed(before, status)) {
    const message = `${what} is progressing.`
    conditions = replaceCondition(conditions, { ...condition, reason: 'ReplicaSetUpdated', message })
  } else if (isTimedOut(deployment, progressing)) {
    const message = `${what} has timed out progressing.`
    const reason = 'ProgressDeadlineExceeded'
    conditions = setCondition(conditions, { ...condition, status: 'False', reason, message })
  }
  return withReplicaFailure(rollout, conditions)
}

/** A set that cannot create its pods is reported by its Deployment too. */
function withReplicaFailure(rollout: Rollout, conditions: DeploymentCondition[]): DeploymentCondition[] {
  const failure = everySet(rollout)
    .toReversed()
    .flatMap((set) => set.status?.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure')
  if (!failure) return withoutCondition(conditions, 'ReplicaFailure')
  const { reason = '', message = '' } = failure
  return setCondition(conditions, { type: 'ReplicaFailure', status: 'True', reason, message })
}

/** Every pod is of the present template and available, and no other one is left (deployment_util.go DeploymentComplete). */
export function isComplete(deployment: Stored<Deployment>, status: Status): boolean {
  const { replicas } = settingsOf(deployment)
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 1)
  )
}

function hasProgressed(before: Status, now: Status): boolean {
  const grown = (field: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'): boolean =>
    (now[field] ?? 0) > (before[field] ?? 0)
  const old = (status: Status): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return grown('updatedReplicas') || old(now) < old(before) || grown('readyReplicas') || grown('availableReplicas')
}

function isTimedOut(deployment: Deployment, progressing: DeploymentCondition | undefined): boolean {
  if (!progressing || progressing.reason === 'NewReplicaSetAvailable') return false
  return progressing.reason === 'ProgressDeadlineExceeded' || deadlineMs(deployment, progressing) < Date.now()
}

function deadlineMs(deployment: Deployment, progressing: DeploymentCondition): number {
  return timeMs(progressing.lastUpdateTime) + (settingsOf(deployment).progressDeadlineSeconds ?? Infinity) * 1000
}

/** A second is added, so that the clocks' whole seconds cannot make it look too early (requeueStuckDeployment). */
function untilDeadlineMs(deployment: Stored<Deployment>, status: Status): number | undefined {
  const progressing = status.conditions?.find((condition) => condition.type === 'Progressing')
  if (!progressing || ['ProgressDeadlineExceeded', 'NewReplicaSetAvailable'].includes(progressing.reason ?? ''))
    return undefined
  if (isComplete(deployment, status)) return undefined
  return Math.max(0, deadlineMs(deployment, progressing) - Date.now()) + 1000
}

/** On the wire a count of 0 is left out (`omitempty`). */
function withoutZeros(status: Status): Status {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== 0))
}
