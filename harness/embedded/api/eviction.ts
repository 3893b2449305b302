/**
 * pods/eviction: a deletion that PodDisruptionBudgets may refuse. Rules:
 * https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ and
 * https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
 */
import type { Pod, PodDisruptionBudget, Stored } from '../store/objects.ts'
import { addDisruptionTargetCondition } from '../store/pod-deletion.ts'
import { formatNow } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import { readObject } from './body.ts'
import { parseDryRun } from './call.ts'
import type { Answer, Call } from './call.ts'
import { deleteObject } from './deletion.ts'
import type { Deletion } from './deletion.ts'
import { decodeByModel } from '../schema/schema.ts'
import { matchesLabelSelector } from '../store/label-selector.ts'
import { isEmptySelector } from '../schema/selector-syntax.ts'
import { ApiError, newBadRequest, newForbidden, createSuccess } from '../schema/status.ts'

/** More disrupted pods than this mean that no controller updates the budget's status. */
const maxDisruptedPods = 2_000

interface Eviction {
  metadata?: { name?: string }
  deleteOptions?: Deletion['options']
}

export async function evictPod(call: Call): Promise<Answer> {
  const { store, target, query } = call
  const body = await readObject(call.request)
  if (!body) throw newBadRequest('the body of the request is empty: it must be an Eviction')
  const { metadata, deleteOptions = {} } = decodeByModel('V1Eviction', body, 'Eviction').object as Eviction
  if (metadata?.name !== undefined && metadata.name !== target.name) {
    throw newBadRequest('name in URL does not match name in Eviction object')
  }
  const dryRun = parseDryRun(query, deleteOptions.dryRun)
  const pod = store.read('pods', target.name, target.namespace)
  if (!canIgnorePdb(pod)) checkBudget(store, pod, dryRun)
  deleteEvicted(store, pod, { options: deleteOptions, dryRun })
  return { code: 201, body: { ...createSuccess(), code: 201 } }
}

/** Pods that do not serve or are terminating may be evicted without a budget. */
function canIgnorePdb({ metadata, status }: Stored<Pod>): boolean {
  return metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? '')
}

function checkBudget(store: Store, pod: Stored<Pod>, dryRun: boolean): void {
  const budgets = store.list('poddisruptionbudgets', pod.metadata.namespace).filter(({ spec }) => {
    const selector = spec?.selector
    return selector !== undefined && !isEmptySelector(selector) && matchesLabelSelector(selector, pod.metadata.labels)
  })
  const [budget] = budgets
  if (!budget) return
  if (budgets.length > 1) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    throw new ApiError(500, '', message)
  }
  if (!canEvictUnhealthy(pod, budget)) checkAndDecrement(store, pod, budget, dryRun)
}

/** A pod that is not ready does not count as healthy: the budget is not spent on it. */
function canEvictUnhealthy({ status }: Stored<Pod>, budget: PodDisruptionBudget): boolean {
  const ready = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  if (ready) return false
  if (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {}
  return currentHealthy >= desiredHealthy && desiredHealthy > 0
}

function checkAndDecrement(store: Store, pod: Stored<Pod>, budget: Stored<PodDisruptionBudget>, dryRun: boolean): void {
  const { name, generation = 0, namespace = '' } = budget.metadata
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {}, ...status } = budget.status ?? {}
  if (observedGeneration < generation) {
    throw newTooManyRequests(`The disruption budget ${name} is still being processed by the server.`, 10)
  }
  if (disruptionsAllowed < 0) {
    throw newForbidden('poddisruptionbudgets', name, 'pdb disruptions allowed is negative')
  }
  if (Object.keys(disruptedPods).length > maxDisruptedPods) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    throw newForbidden('poddisruptionbudgets', name, why)
  }
  if (disruptionsAllowed === 0) {
    const { desiredHealthy = 0, currentHealthy = 0 } = status
    const needs = `needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
    throw newTooManyRequests(`The disruption budget ${name} ${needs}`, 0)
  }
  if (dryRun) return
  store.modify('poddisruptionbudgets', name, namespace, (draft) => {
    const time = formatNow()
    draft.status = {
      ...(draft.status as NonNullable<PodDisruptionBudget['status']>),
      disruptionsAllowed: disruptionsAllowed - 1,
      disruptedPods: { ...disruptedPods, [pod.metadata.name]: time },
    }
    if (disruptionsAllowed === 1) setDisruptionAllowedCondition(draft, time)
  })
}

/** UpdateDisruptionAllowedCondition: the budget is spent. */
function setDisruptionAllowedCondition(budget: Stored<PodDisruptionBudget>, time: string): void {
  const others = budget.status?.conditions?.filter(({ type }) => type !== 'DisruptionAllowed') ?? []
  const condition = { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '' }
  const observedGeneration = budget.status?.observedGeneration ?? 0
  Object.assign(budget.status ?? {}, {
    conditions: [...others, { ...condition, lastTransitionTime: time, observedGeneration }],
  })
}

function newTooManyRequests(cause: string, retryAfterSeconds: number): ApiError {
  const message = "Cannot evict pod as it would violate the pod's disruption budget."
  return new ApiError(429, 'TooManyRequests', message, {
    causes: [{ reason: 'DisruptionBudget', message: cause }],
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  })
}

function deleteEvicted(store: Store, pod: Stored<Pod>, deletion: Deletion): void {
  // A deletion that would be refused is refused before the pod is marked.
  deleteObject(store, 'pods', pod, { ...deletion, dryRun: true })
  if (deletion.dryRun) return
  const marked = addDisruptionTargetCondition(store, pod, 'EvictionByEvictionAPI', 'Eviction API: evicting')
  // The preconditions are met: marking has only made a newer version of the object.
  const { preconditions: _met, ...options } = deletion.options
  deleteObject(store, 'pods', marked, { options, dryRun: false })
}
