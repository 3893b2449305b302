/**
 * Whatever happens to a Deployment, its controllers never end an available pod that is needed and never start one too many. Only pods that
 * fail by themselves may lower availability.
 */
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change } from '../store/store.ts'
import { resolveRolloutSettings } from './deployment-settings.ts'
import { isControlledBy } from '../controllers/ownership.ts'
import { isReady, isTerminating } from '../controllers/pod-state.ts'
import { isRolledOut, TestCluster, waitUntil, createDeployment } from '../testing/test-controllers.ts'

type Step =
  | { do: 'restart' }
  | { do: 'scale'; replicas: number }
  | { do: 'fail' | 'recover' | 'delete'; pod: number }
  | { do: 'wait'; turns: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant({ do: 'restart' } as const),
  fc.record({ do: fc.constant('scale' as const), replicas: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ do: fc.constantFrom('fail', 'recover', 'delete'), pod: fc.nat(9) }),
  fc.record({ do: fc.constant('wait'), turns: fc.integer({ min: 1, max: 40 }) }),
)
const bound = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
)
const setting = fc.record({ replicas: fc.integer({ min: 1, max: 7 }), maxSurge: bound, maxUnavailable: bound })

/** Performs one step; the tester deletes like kubectl, which lowers availability as a failure does. */
function performStep(cluster: TestCluster, next: Exclude<Step, { do: 'wait' }>, count: number): void {
  if (next.do === 'restart') return cluster.restartDeployment(String(count))
  if (next.do === 'scale') return cluster.changeDeployment((spec) => (spec.replicas = next.replicas))
  const pods = cluster.listPods()
  const name = pods[next.pod % Math.max(1, pods.length)]?.metadata.name
  if (name === undefined) return undefined
  if (next.do !== 'delete') return cluster.setReady(name, next.do === 'recover')
  cluster.store.modify('pods', name, 'default', ({ metadata }) => (metadata.deletionTimestamp = '2026-01-01T00:00:00Z'))
  return undefined
}

interface Watcher {
  /** True while the tester itself changes pods. */
  testing: boolean
  /** Number of deletions that were already decided, and could not be taken back, when the tester deleted or broke another pod. */
  decided: number
  broken: string[]
}

/**
 * Checks every revision of the store. A pod that starts must fit under the maximum, and a deletion must leave the minimum. During a scaling
 * both the old and the new number of replicas count: a decision by the old one may be carried out after the new one was set.
 */
function watchBounds(cluster: TestCluster): Watcher {
  const watcher: Watcher = { testing: false, decided: 0, broken: [] }
  let asked = [resolveRolloutSettings(cluster.readDeployment())]
  cluster.store.watch('deployments', ({ object }) => {
    asked = isRolledOut(object) ? [resolveRolloutSettings(object)] : [...asked, resolveRolloutSettings(object)]
  })
  cluster.store.watch('pods', (change) => {
    const ceiling = Math.max(...asked.map(({ replicas, maxSurge }) => replicas + maxSurge))
    const floor = Math.min(...asked.map(({ replicas, maxUnavailable }) => replicas - maxUnavailable))
    const [all, ready] = [cluster.listPods().length, cluster.listReadyPods().length]
    const at = `revision ${change.revision}: ${all} pods, ${ready} ready, between ${floor} and ${ceiling}`
    if (change.type === 'ADDED' && all > ceiling) watcher.broken.push(`too many at ${at}`)
    if (!isDeletedByController(change) || watcher.testing || ready >= floor) return
    if (watcher.decided > 0) watcher.decided--
    else watcher.broken.push(`too few at ${at}`)
  })
  return watcher
}

function isDeletedByController({ object, previous }: Change<'pods'>): boolean {
  return previous !== undefined && isReady(previous) && !isTerminating(previous) && isTerminating(object)
}

/** How many deletions the ReplicaSets have decided but not carried out yet. */
function countPendingDeletions(cluster: TestCluster): number {
  const pods = cluster.listPods()
  return cluster.store
    .list('replicasets')
    .map((set) => pods.filter((pod) => isControlledBy(pod, set)).length - (set.spec?.replicas ?? 0))
    .reduce((sum, surplus) => sum + Math.max(0, surplus), 0)
}

async function waitTurns(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await turn()
}

async function runSteps(
  spec: { replicas: number; maxSurge: number | string; maxUnavailable: number | string },
  steps: Step[],
): Promise<string[]> {
  const { replicas, ...rollingUpdate } = spec
  await using cluster = new TestCluster({ readyAfterMs: 1, goneAfterMs: 2 })
  cluster.store.create(
    'deployments',
    createDeployment({ replicas, strategy: { type: 'RollingUpdate', rollingUpdate } }),
  )
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the first rollout')
  const watcher = watchBounds(cluster)
  for (const [count, next] of steps.entries()) {
    if (next.do === 'wait') {
      await waitTurns(next.turns)
      continue
    }
    watcher.decided = countPendingDeletions(cluster)
    watcher.testing = true
    performStep(cluster, next, count)
    watcher.testing = false
  }
  // Failed pods are repaired, or a rollout that may not lose another one would rightly wait forever.
  await waitUntil(() => {
    for (const pod of cluster.listPods())
      if (pod.status?.podIP && !isReady(pod)) cluster.setReady(pod.metadata.name, true)
    return isRolledOut(cluster.readDeployment())
  }, 'the rollout to end')
  return watcher.broken
}

test('Rollout: any restarts and failures keep surge and unavailability', async () => {
  await fc.assert(
    fc.asyncProperty(setting, fc.array(step, { maxLength: 12 }), async (spec, steps) => {
      expect(await runSteps(spec, steps)).toEqual([])
    }),
    { numRuns: 60 },
  )
})
