/** Sizes of a Deployment's ReplicaSets (pkg/controller/deployment/sync.go). */
import { recordEvent } from '../store/events.ts'
import type { Deployment, ReplicaSet, Stored } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { resolveRolloutSettings } from './deployment-settings.ts'

/** The Deployment's replicas when the set was last scaled: a difference shows a scaling, as opposed to a rollout. */
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas'
/** The replicas plus the surge: the total for a set's proportional size. */
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'

/** A Deployment and its ReplicaSets, at one moment. */
export interface Rollout {
  deployment: Stored<Deployment>
  /** The ReplicaSet of the present template. */
  current: Stored<ReplicaSet> | undefined
  /** The others, in order of creation. */
  old: Stored<ReplicaSet>[]
}

export function getReplicas(set: ReplicaSet): number {
  return set.spec?.replicas ?? 1
}

export function listReplicaSets({ current, old }: Rollout): Stored<ReplicaSet>[] {
  return current ? [...old, current] : old
}

export function sumReplicas(sets: ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + getReplicas(set), 0)
}

export function sumStatus(sets: ReplicaSet[], field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number {
  return sets.reduce((sum, set) => sum + (set.status?.[field] ?? 0), 0)
}

/** Scales a set and records it in an Event of the Deployment; false when it has that size already. */
export function scaleReplicaSet(
  store: Store,
  deployment: Stored<Deployment>,
  set: Stored<ReplicaSet>,
  size: number,
): boolean {
  const { name, namespace = '' } = set.metadata
  const before = getReplicas(set)
  store.modify('replicasets', name, namespace, (draft) => {
    if (draft.spec) draft.spec.replicas = size
    draft.metadata.annotations = { ...draft.metadata.annotations, ...createSizeAnnotations(deployment) }
  })
  if (before !== size) recordScalingEvent(store, deployment, { set: name, from: before, to: size })
  return before !== size
}

export function createSizeAnnotations(deployment: Deployment): Record<string, string> {
  const { replicas, maxSurge } = resolveRolloutSettings(deployment)
  return { [desiredReplicasAnnotation]: String(replicas), [maxReplicasAnnotation]: String(replicas + maxSurge) }
}

export function recordScalingEvent(
  store: Store,
  deployment: Stored<Deployment>,
  { set, from, to }: { set: string; from: number; to: number },
): void {
  const message = `Scaled ${from < to ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`
  recordEvent(store, { about: deployment, reason: 'ScalingReplicaSet', message, component: 'deployment-controller' })
}

/** Whether the Deployment was scaled since its sets last got a size (sync.go isScalingEvent). */
export function isScalingEvent(rollout: Rollout): boolean {
  const { replicas } = resolveRolloutSettings(rollout.deployment)
  return listReplicaSets(rollout).some((set) => {
    const desired = set.metadata.annotations?.[desiredReplicasAnnotation]
    return getReplicas(set) > 0 && desired !== undefined && Number(desired) !== replicas
  })
}

/**
 * Passes a new number of replicas on: to the one active set, or in the middle of a rollout to all of them in proportion, so that the risk
 * of the rollout stays the same. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
 */
export function scaleDeployment(store: Store, rollout: Rollout): void {
  const { deployment, current, old } = rollout
  const { replicas, maxSurge, recreate } = resolveRolloutSettings(deployment)
  const active = listReplicaSets(rollout).filter((set) => getReplicas(set) > 0)
  if (active.length <= 1) {
    const only = active[0] ?? current ?? old.at(-1)
    // Also when the size is right: the annotations record that this scaling is done.
    if (only) scaleReplicaSet(store, deployment, only, replicas)
    return
  }
  if (current && isSaturated(current, replicas)) {
    for (const set of old) if (getReplicas(set) > 0) scaleReplicaSet(store, deployment, set, 0)
    scaleReplicaSet(store, deployment, current, getReplicas(current))
    return
  }
  if (recreate) return
  const allowed = replicas > 0 ? replicas + maxSurge : 0
  for (const { set, size } of computeProportions(deployment, active, allowed))
    scaleReplicaSet(store, deployment, set, size)
}

/** The set has every replica of the Deployment and all are available (deployment_util.go IsSaturated). */
function isSaturated(set: Stored<ReplicaSet>, replicas: number): boolean {
  const desired = Number(set.metadata.annotations?.[desiredReplicasAnnotation])
  return getReplicas(set) === replicas && desired === replicas && (set.status?.availableReplicas ?? 0) === replicas
}

/** Larger sets first; of equal ones the newer grows first and the older shrinks first. The remainder goes to the first. */
function computeProportions(
  deployment: Deployment,
  active: Stored<ReplicaSet>[],
  allowed: number,
): { set: Stored<ReplicaSet>; size: number }[] {
  const toAdd = allowed - sumReplicas(active)
  const compareAge = (a: Stored<ReplicaSet>, b: Stored<ReplicaSet>): number => (isCreatedBefore(a, b) ? -1 : 1)
  const ordered = active.toSorted(
    (a, b) => getReplicas(b) - getReplicas(a) || (toAdd > 0 ? compareAge(b, a) : compareAge(a, b)),
  )
  let added = 0
  const sizes = ordered.map((set) => {
    const left = toAdd - added
    const share = left === 0 ? 0 : getReplicaSetFraction(deployment, set)
    const change = toAdd > 0 ? Math.min(share, left) : Math.max(share, left)
    added += change
    return { set, size: getReplicas(set) + change }
  })
  const [first] = sizes
  if (first) first.size = Math.max(0, first.size + toAdd - added)
  return sizes
}

function isCreatedBefore({ metadata: a }: Stored<ReplicaSet>, { metadata: b }: Stored<ReplicaSet>): boolean {
  return a.creationTimestamp === b.creationTimestamp ? a.name < b.name : a.creationTimestamp < b.creationTimestamp
}

/** How much a set changes to keep its share of the total (deployment_util.go getReplicaSetFraction). */
function getReplicaSetFraction(deployment: Deployment, set: ReplicaSet): number {
  const { replicas, maxSurge } = resolveRolloutSettings(deployment)
  if (replicas === 0) return -getReplicas(set)
  const whole = Number(set.metadata?.annotations?.[maxReplicasAnnotation] ?? deployment.status?.replicas ?? 0)
  return whole > 0 ? Math.round((getReplicas(set) * (replicas + maxSurge)) / whole) - getReplicas(set) : 0
}
