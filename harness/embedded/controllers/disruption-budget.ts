/** Computes how many pods may be evicted now (pkg/controller/disruption/disruption.go). */
import { recordEvent } from '../store/events.ts'
import type { Pod, PodDisruptionBudget, Stored } from '../store/objects.ts'
import { formatNow } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import { getScaledValueFromIntOrPercent } from './int-or-percent.ts'
import { getControllerOf } from './ownership.ts'
import { isReady, isTerminating } from './pod-state.ts'
import { matchesLabelSelector } from '../store/label-selector.ts'
import { feedQueue, formatKey, splitKey, startWorkQueue } from './work-queue.ts'
import type { ControllerOptions } from './work-queue.ts'

/** A granted eviction counts as a disruption until its pod terminates, for at most this time (DeletionTimeout). */
const evictionTimeoutMs = 2 * 60 * 1000
const component = 'controllermanager'

type Status = NonNullable<PodDisruptionBudget['status']>
type Budget = Stored<PodDisruptionBudget>

/** Starts the controller. */
export function startDisruptionController({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const syncKey = (key: string): number | undefined => syncBudget(store, key)
  const queue = stack.use(startWorkQueue({ name: 'disruption-controller', sync: syncKey, onError }))
  const listBudgetKeys = (namespace: string | undefined): string[] =>
    store.list('poddisruptionbudgets', namespace).map(formatKey)
  stack.use(feedQueue(queue, store, 'poddisruptionbudgets', (budget) => [formatKey(budget)]))
  stack.use(
    feedQueue(queue, store, 'pods', ({ metadata }) =>
      store
        .list('poddisruptionbudgets', metadata.namespace)
        .filter((budget) => matchesLabelSelector(budget.spec?.selector, metadata.labels))
        .map(formatKey),
    ),
  )
  for (const scalable of ['deployments', 'replicasets'] as const) {
    stack.use(feedQueue(queue, store, scalable, ({ metadata }) => listBudgetKeys(metadata.namespace)))
  }
  return stack
}

function syncBudget(store: Store, key: string): number | undefined {
  const [namespace, name] = splitKey(key)
  const budget = store.get('poddisruptionbudgets', name, namespace)
  if (!budget || budget.metadata.deletionTimestamp !== undefined) return undefined
  const pods = store
    .list('pods', namespace)
    .filter((pod) => matchesLabelSelector(budget.spec?.selector, pod.metadata.labels))
  const { expectedPods, desiredHealthy } = getExpectedPodCount(store, budget, pods)
  const { disrupted, recheckMs } = buildDisruptedPodMap(store, budget, pods)
  const currentHealthy = pods.filter(
    (pod) => isReady(pod) && !isTerminating(pod) && disrupted[pod.metadata.name] === undefined,
  ).length
  // A budget without matching pods allows nothing: its first pods must not be evicted before they are counted.
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0
  store.modify('poddisruptionbudgets', name, namespace, (draft) => {
    draft.status = {
      conditions: createConditions(budget, disruptionsAllowed > 0),
      currentHealthy,
      desiredHealthy,
      ...(Object.keys(disrupted).length > 0 && { disruptedPods: disrupted }),
      disruptionsAllowed,
      expectedPods,
      observedGeneration: budget.metadata.generation ?? 1,
    }
  })
  return recheckMs
}

/**
 * A number in `minAvailable` is used as it is; everything else is computed from the size of the pods' controllers, and percentages round
 * up. https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages
 */
function getExpectedPodCount(
  store: Store,
  { spec }: Budget,
  pods: Stored<Pod>[],
): { expectedPods: number; desiredHealthy: number } {
  const { minAvailable, maxUnavailable } = spec ?? {}
  if (maxUnavailable !== undefined) {
    const expectedPods = getExpectedScale(store, pods)
    return {
      expectedPods,
      desiredHealthy: Math.max(0, expectedPods - getScaledValueFromIntOrPercent(maxUnavailable, expectedPods, 'up')),
    }
  }
  if (typeof minAvailable === 'string') {
    const expectedPods = getExpectedScale(store, pods)
    return { expectedPods, desiredHealthy: getScaledValueFromIntOrPercent(minAvailable, expectedPods, 'up') }
  }
  return { expectedPods: pods.length, desiredHealthy: minAvailable ?? 0 }
}

/** The sum of `spec.replicas` of every controller with a pod among these; pods without a controller do not count. */
function getExpectedScale(store: Store, pods: Stored<Pod>[]): number {
  const scales = new Map<string, number>()
  for (const pod of pods) {
    const owner = getControllerOf(pod)
    const set = owner?.kind === 'ReplicaSet' && store.get('replicasets', owner.name, pod.metadata.namespace)
    if (!set || set.metadata.uid !== owner.uid) continue
    const above = getControllerOf(set)
    const deployment =
      above?.kind === 'Deployment' ? store.get('deployments', above.name, pod.metadata.namespace) : undefined
    const controller = deployment ?? set
    scales.set(controller.metadata.uid, controller.spec?.replicas ?? 1)
  }
  return [...scales.values()].reduce((sum, scale) => sum + scale, 0)
}

/** Evicted pods that do not terminate yet; after the timeout their eviction counts as failed (buildDisruptedPodMap). */
function buildDisruptedPodMap(
  store: Store,
  budget: Budget,
  pods: Stored<Pod>[],
): { disrupted: Record<string, string>; recheckMs: number | undefined } {
  const disrupted: Record<string, string> = {}
  let recheckMs: number | undefined
  for (const [name, since] of Object.entries(budget.status?.disruptedPods ?? {})) {
    const pod = pods.find((candidate) => candidate.metadata.name === name)
    if (!pod || isTerminating(pod)) continue
    const leftMs = Date.parse(since) + evictionTimeoutMs - Date.now()
    if (leftMs <= 0) {
      const message = `Pod was expected by PDB ${formatKey(budget)} to be deleted but it wasn't`
      recordEvent(store, { about: pod, type: 'Warning', reason: 'NotDeleted', message, component })
      continue
    }
    disrupted[name] = since
    recheckMs = Math.min(recheckMs ?? leftMs, leftMs)
  }
  return { disrupted, recheckMs }
}

function createConditions(budget: Budget, allowed: boolean): NonNullable<Status['conditions']> {
  const known = budget.status?.conditions?.find((condition) => condition.type === 'DisruptionAllowed')
  const status = allowed ? 'True' : 'False'
  return [
    {
      type: 'DisruptionAllowed',
      status,
      reason: allowed ? 'SufficientPods' : 'InsufficientPods',
      message: '',
      observedGeneration: budget.metadata.generation ?? 1,
      lastTransitionTime: known?.status === status ? known.lastTransitionTime : formatNow(),
    },
  ]
}
