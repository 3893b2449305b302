/** Conditions of a Deployment (pkg/controller/deployment/util/deployment_util.go SetDeploymentCondition). */
import type { Deployment } from '../store/objects.ts'
import { formatNow } from '../store/store.ts'

type Status = NonNullable<Deployment['status']>
export type DeploymentCondition = NonNullable<Status['conditions']>[number]

export interface NewCondition {
  type: 'Available' | 'Progressing' | 'ReplicaFailure'
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
}

/** An equal condition stays; the transition time changes only with the status. */
export function setCondition(conditions: DeploymentCondition[], next: NewCondition): DeploymentCondition[] {
  const known = conditions.find((condition) => condition.type === next.type)
  if (known?.status === next.status && known.reason === next.reason) return conditions
  return replaceCondition(conditions, next)
}

/** Replaces a condition, which renews the time of its last update: a sign of progress. */
export function replaceCondition(conditions: DeploymentCondition[], next: NewCondition): DeploymentCondition[] {
  const known = conditions.find((condition) => condition.type === next.type)
  const now = formatNow()
  const since = known?.status === next.status ? (known.lastTransitionTime ?? now) : now
  return [...filterOutCondition(conditions, next.type), { ...next, lastUpdateTime: now, lastTransitionTime: since }]
}

export function filterOutCondition(conditions: DeploymentCondition[], type: string): DeploymentCondition[] {
  return conditions.filter((condition) => condition.type !== type)
}

export function createStatusWithConditions(status: Status | undefined, conditions: DeploymentCondition[]): Status {
  return { ...status, conditions }
}
