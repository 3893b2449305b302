/** Evicts pods as `kubectl drain` does, and creates the PodDisruptionBudget that evictions must respect. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../base/fault.ts'
import { runAll } from '../../base/task-group.ts'
import { getApiMessage, getErrorStatus, getStatusCauses } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import type { Workload } from '../../model/workload.ts'
import { waitUntil } from '../../base/polling.ts'
import { callApi } from '../deploy/workload.ts'
import { getApiName } from '../observe/pod-names.ts'

export interface EvictionContext {
  api: KubeApi
  namespace: string
  /** The namespace that the run has made, which is deleted when it is over; default: the workload's. */
  ownNamespace?: string
  workload: Workload
  /** How long an eviction may be refused before the step fails. */
  limitMs: number
  onEviction: (answer: { pod: string; status: number; message: string }) => void
  signal: AbortSignal
}

/** The pause of `kubectl drain` after a refusal; shorter, because pods here start in seconds. */
const evictionRetryMs = 500
const budgetLimitMs = 30_000

/** Creates the budget; resolves when it allows an eviction. */
export async function createBudget(
  maxUnavailable: number,
  { api, namespace, workload, signal }: EvictionContext,
): Promise<void> {
  const { name, selector } = workload
  const spec = { maxUnavailable, selector }
  await callApi('create the disruption budget', () =>
    api.policy.createNamespacedPodDisruptionBudget({ namespace, body: { metadata: { name }, spec } }),
  )
  await waitUntil('the disruption budget to allow a disruption', { limitMs: budgetLimitMs, signal }, async () => {
    const budget = await callApi('read the disruption budget', () =>
      api.policy.readNamespacedPodDisruptionBudget({ name, namespace }),
    )
    const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {}
    if (disruptionsAllowed > 0) return null
    return `it needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  })
}

/**
 * Requests all evictions at once, as a drain of several nodes does; each is repeated while a budget refuses it. If one pod cannot be
 * evicted, the others are given up.
 */
export async function evictPods(names: readonly string[], context: EvictionContext): Promise<void> {
  await runAll(context.signal, (signal) => names.map((name) => evictPod(name, { ...context, signal })))
}

/** The pod may be gone already. */
async function evictPod(name: string, { api, namespace, limitMs, onEviction, signal }: EvictionContext): Promise<void> {
  const deadline = performance.now() + limitMs
  const target = getApiName(name)
  for (;;) {
    signal.throwIfAborted()
    try {
      await api.core.createNamespacedPodEviction({
        name: target,
        namespace,
        body: { metadata: { name: target, namespace } },
      })
      onEviction({ pod: name, status: 201, message: 'evicted' })
      return
    } catch (error) {
      const status = getErrorStatus(error)
      if (status === 404) return
      if (status !== 429) throw new Fault('unknown', `Cannot evict ${name}: ${getApiMessage(error)}`)
      onEviction({ pod: name, status, message: getApiMessage(error) })
      if (performance.now() > deadline) {
        throw new Fault('unknown', `Cannot evict ${name} within ${limitMs / 1000} s: ${formatRefusal(error)}`)
      }
      await sleep(evictionRetryMs, undefined, { signal })
    }
  }
}

/** The API server's answer, followed by the text of the budget. */
function formatRefusal(error: unknown): string {
  const causes = getStatusCauses(error).map(({ message }) => message)
  return [getApiMessage(error), ...causes].filter(Boolean).join(' ')
}
