/** One step of a rollout, by either strategy (pkg/controller/deployment/rolling.go, recreate.go). */
import type { Store } from '../store/store.ts'
import { forgetOldRevisions, reread, syncRevision } from './deployment-revisions.ts'
import { everySet, scaleSet, sizeOf, totalSize, totalStatus } from './deployment-scaling.ts'
import type { Rollout } from './deployment-scaling.ts'
import { settingsOf } from './deployment-settings.ts'
import { isComplete } from './deployment-status.ts'
import { isControlledBy } from '../controllers/ownership.ts'
import { isFinished } from '../controllers/pod-state.ts'

/**
 * Scales up as far as the surge allows, otherwise down as far as availability allows; never both in one step, so that each
 * counts with what the other did.
 */
export function rollOver(store: Store, start: Rollout): void {
  syncRevision(store, start, true)
  const rollout = reread(store, start)
  if (growCurrent(store, rollout) || shrinkOld(store, rollout)) return
  if (isComplete(rollout.deployment, rollout.deployment.status ?? {})) forgetOldRevisions(store, rollout)
}

function growCurrent(store: Store, rollout: Rollout): boolean {
  const { deployment, current } = rollout
  if (!current) return false
  const { replicas, maxSurge } = settingsOf(deployment)
  const size = sizeOf(current)
  const room = Math.max(0, replicas + maxSurge - totalSize(everySet(rollout)))
  return scaleSet(store, deployment, current, Math.min(replicas, size + room))
}

function shrinkOld(store: Store, rollout: Rollout): boolean {
  const { deployment, current } = rollout
  const { replicas, maxUnavailable } = settingsOf(deployment)
  const sets = everySet(rollout)
  const notYetAvailable = current ? sizeOf(current) - (current.status?.availableReplicas ?? 0) : 0
  const most = totalSize(sets) - (replicas - maxUnavailable) - notYetAvailable
  if (totalSize(rollout.old) === 0 || most <= 0) return false
  const cleaned = shrinkUnhealthy(store, rollout, most)
  return shrinkHealthy(store, cleaned > 0 ? reread(store, rollout) : rollout) || cleaned > 0
}

/**
 * Replicas that serve nobody go first: they cost no availability, and would block the rollout
 * (https://github.com/kubernetes/kubernetes/issues/16737). A ReplicaSet that shrinks takes its unready pods first.
 */
function shrinkUnhealthy(store: Store, { deployment, old }: Rollout, most: number): number {
  let taken = 0
  for (const set of old) {
    const unhealthy = Math.max(0, sizeOf(set) - (set.status?.availableReplicas ?? 0))
    const count = Math.min(unhealthy, most - taken)
    if (count > 0) scaleSet(store, deployment, set, sizeOf(set) - count)
    taken += count
  }
  return taken
}

function shrinkHealthy(store: Store, rollout: Rollout): boolean {
  const { replicas, maxUnavailable } = settingsOf(rollout.deployment)
  let spare = totalStatus(everySet(rollout), 'availableReplicas') - (replicas - maxUnavailable)
  let shrunk = false
  for (const set of rollout.old) {
    const count = Math.min(sizeOf(set), spare)
    if (count <= 0) continue
    shrunk = scaleSet(store, rollout.deployment, set, sizeOf(set) - count) || shrunk
    spare -= count
  }
  return shrunk
}

/**
 * Recreate: no new pod before the last old one is gone, those that terminate included.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment
 */
export function recreate(store: Store, start: Rollout): void {
  syncRevision(store, start, false)
  const rollout = reread(store, start)
  const active = rollout.old.filter((set) => sizeOf(set) > 0)
  for (const set of active) scaleSet(store, rollout.deployment, set, 0)
  if (active.length > 0 || oldPodsRun(store, rollout)) return
  if (!rollout.current) syncRevision(store, rollout, true)
  const ready = reread(store, rollout)
  if (ready.current) scaleSet(store, ready.deployment, ready.current, settingsOf(ready.deployment).replicas)
  if (isComplete(ready.deployment, ready.deployment.status ?? {})) forgetOldRevisions(store, ready)
}

function oldPodsRun(store: Store, { deployment, old }: Rollout): boolean {
  if (totalStatus(old, 'replicas') > 0) return true
  return store
    .list('pods', deployment.metadata.namespace)
    .some((pod) => !isFinished(pod) && old.some((set) => isControlledBy(pod, set)))
}
