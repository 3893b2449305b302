/** Evictions as `kubectl drain` asks for them, and the PodDisruptionBudget that they have to respect. */
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
  /** The one that the run has made, and that is gone when it is over; default: the workload's. */
  ownNamespace?: string
  workload: Workload
  /** How long an eviction may be refused before it is given up. */
  limitMs: number
  onEviction: (answer: { pod: string; status: number; message: string }) => void
  signal: AbortSignal
}

/** As `kubectl drain` waits before it asks again after a refusal; shorter, because pods here start in seconds. */
const evictionRetryMs = 500
const budgetLimitMs = 30_000

/** Resolves when it allows a pod to be evicted. */
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
 * All are asked for together, as a drain of several nodes does; each goes on asking while a budget refuses it. Where one cannot be
 * evicted the others are given up.
 */
export async function evictPods(names: readonly string[], context: EvictionContext): Promise<void> {
  await runAll(context.signal, (signal) => names.map((name) => evictPod(name, { ...context, signal })))
}

/** One that is gone already is fine. */
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

/** What the API server answers, and the budget's own words behind it. */
function formatRefusal(error: unknown): string {
  const causes = getStatusCauses(error).map(({ message }) => message)
  return [getApiMessage(error), ...causes].filter(Boolean).join(' ')
}
