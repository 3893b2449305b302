/** One step of a rollout, by either strategy (pkg/controller/deployment/rolling.go, recreate.go). */
import type { Store } from '../store/store.ts'
import { cleanupDeployment, refreshRollout, syncRevision } from './deployment-revisions.ts'
import { listReplicaSets, scaleReplicaSet, getReplicas, sumReplicas, sumStatus } from './deployment-scaling.ts'
import type { Rollout } from './deployment-scaling.ts'
import { resolveRolloutSettings } from './deployment-settings.ts'
import { deploymentComplete } from './deployment-status.ts'
import { isControlledBy } from '../controllers/ownership.ts'
import { isPodTerminal } from '../controllers/pod-state.ts'

/**
 * Scales up as far as the surge allows, otherwise down as far as availability allows; never both in one step, so that each sees the effect
 * of the other.
 */
export function rolloutRolling(store: Store, start: Rollout): void {
  syncRevision(store, start, true)
  const rollout = refreshRollout(store, start)
  if (reconcileNewReplicaSet(store, rollout) || reconcileOldReplicaSets(store, rollout)) return
  if (deploymentComplete(rollout.deployment, rollout.deployment.status ?? {})) cleanupDeployment(store, rollout)
}

function reconcileNewReplicaSet(store: Store, rollout: Rollout): boolean {
  const { deployment, current } = rollout
  if (!current) return false
  const { replicas, maxSurge } = resolveRolloutSettings(deployment)
  const size = getReplicas(current)
  const room = Math.max(0, replicas + maxSurge - sumReplicas(listReplicaSets(rollout)))
  return scaleReplicaSet(store, deployment, current, Math.min(replicas, size + room))
}

function reconcileOldReplicaSets(store: Store, rollout: Rollout): boolean {
  const { deployment, current } = rollout
  const { replicas, maxUnavailable } = resolveRolloutSettings(deployment)
  const sets = listReplicaSets(rollout)
  const notYetAvailable = current ? getReplicas(current) - (current.status?.availableReplicas ?? 0) : 0
  const most = sumReplicas(sets) - (replicas - maxUnavailable) - notYetAvailable
  if (sumReplicas(rollout.old) === 0 || most <= 0) return false
  const cleaned = cleanupUnhealthyReplicas(store, rollout, most)
  return scaleDownOldReplicaSets(store, cleaned > 0 ? refreshRollout(store, rollout) : rollout) || cleaned > 0
}

/**
 * Unhealthy replicas go first: they cost no availability, and would block the rollout
 * (https://github.com/kubernetes/kubernetes/issues/16737). A ReplicaSet that shrinks takes its unready pods first.
 */
function cleanupUnhealthyReplicas(store: Store, { deployment, old }: Rollout, most: number): number {
  let taken = 0
  for (const set of old) {
    const unhealthy = Math.max(0, getReplicas(set) - (set.status?.availableReplicas ?? 0))
    const count = Math.min(unhealthy, most - taken)
    if (count > 0) scaleReplicaSet(store, deployment, set, getReplicas(set) - count)
    taken += count
  }
  return taken
}

function scaleDownOldReplicaSets(store: Store, rollout: Rollout): boolean {
  const { replicas, maxUnavailable } = resolveRolloutSettings(rollout.deployment)
  let spare = sumStatus(listReplicaSets(rollout), 'availableReplicas') - (replicas - maxUnavailable)
  let shrunk = false
  for (const set of rollout.old) {
    const count = Math.min(getReplicas(set), spare)
    if (count <= 0) continue
    shrunk = scaleReplicaSet(store, rollout.deployment, set, getReplicas(set) - count) || shrunk
    spare -= count
  }
  return shrunk
}

/**
 * Recreate: no new pod before the last old one is gone, those that terminate included.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment
 */
export function rolloutRecreate(store: Store, start: Rollout): void {
  syncRevision(store, start, false)
  const rollout = refreshRollout(store, start)
  const active = rollout.old.filter((set) => getReplicas(set) > 0)
  for (const set of active) scaleReplicaSet(store, rollout.deployment, set, 0)
  if (active.length > 0 || hasOldPodsRunning(store, rollout)) return
  if (!rollout.current) syncRevision(store, rollout, true)
  const ready = refreshRollout(store, rollout)
  if (ready.current)
    scaleReplicaSet(store, ready.deployment, ready.current, resolveRolloutSettings(ready.deployment).replicas)
  if (deploymentComplete(ready.deployment, ready.deployment.status ?? {})) cleanupDeployment(store, ready)
}

function hasOldPodsRunning(store: Store, { deployment, old }: Rollout): boolean {
  if (sumStatus(old, 'replicas') > 0) return true
  return store
    .list('pods', deployment.metadata.namespace)
    .some((pod) => !isPodTerminal(pod) && old.some((set) => isControlledBy(pod, set)))
}
