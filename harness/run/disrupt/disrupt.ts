/** What can be done to the workload while the load goes on. Each resolves when all of it has been asked for and accepted. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { getApiMessage, getStatusCauses, getErrorStatus } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { waitUntil } from '../../base/polling.ts'
import { callApi, workloadName } from '../deploy/workload.ts'
import { Fault } from '../../base/fault.ts'
import type { Disruption } from '../../model/plan.ts'

export interface DisruptionContext {
  api: KubeApi
  namespace: string
  /** How long a disruption may be refused before it is given up. */
  limitMs: number
  onEviction: (answer: { pod: string; status: number; message: string }) => void
  signal: AbortSignal
}
type Action<K extends Disruption['kind']> = {
  /** Before any load: what the scenario adds to the workload. */
  prepare?: (disruption: Extract<Disruption, { kind: K }>, context: DisruptionContext) => Promise<void>
  disrupt: (disruption: Extract<Disruption, { kind: K }>, context: DisruptionContext) => Promise<void>
}

/** As `kubectl drain` waits before it asks again after a refusal; shorter, because pods here start in seconds. */
const evictionRetryMs = 500
const budgetName = workloadName

const actions: { [K in Disruption['kind']]: Action<K> } = {
  'rollout-restart': { disrupt: (_, context) => restartRollout(context) },
  scale: { disrupt: ({ to }, context) => scaleDeployment(to, context) },
  evict: {
    prepare: async ({ budget }, context) => {
      if (budget) await createBudget(budget.maxUnavailable, context)
    },
    disrupt: (_, context) => evictPods(context),
  },
}

export async function prepareDisruption<K extends Disruption['kind']>(
  disruption: Extract<Disruption, { kind: K }>,
  context: DisruptionContext,
): Promise<void> {
  await (actions[disruption.kind] as unknown as Action<K>).prepare?.(disruption, context)
}

export async function performDisruption<K extends Disruption['kind']>(
  disruption: Extract<Disruption, { kind: K }>,
  context: DisruptionContext,
): Promise<void> {
  await (actions[disruption.kind] as unknown as Action<K>).disrupt(disruption, context)
}

/** kubectl's own way to restart: a new annotation makes a new template. */
async function restartRollout({ api, namespace }: DisruptionContext): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  await callApi('restart the rollout', () =>
    api.apps.patchNamespacedDeployment(
      { name: workloadName, namespace, body: { spec: { template: { metadata: { annotations } } } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    ),
  )
}

async function scaleDeployment(replicas: number, { api, namespace }: DisruptionContext): Promise<void> {
  await callApi(`scale to ${replicas}`, () =>
    api.apps.patchNamespacedDeploymentScale(
      { name: workloadName, namespace, body: { spec: { replicas } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    ),
  )
}

async function createBudget(maxUnavailable: number, { api, namespace, signal }: DisruptionContext): Promise<void> {
  const spec = { maxUnavailable, selector: { matchLabels: { app: workloadName } } }
  await callApi('create the disruption budget', () =>
    api.policy.createNamespacedPodDisruptionBudget({ namespace, body: { metadata: { name: budgetName }, spec } }),
  )
  await waitUntil('the disruption budget to allow a disruption', { limitMs: 30_000, signal }, async () => {
    const budget = await api.policy.readNamespacedPodDisruptionBudget({ name: budgetName, namespace })
    const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {}
    if (disruptionsAllowed > 0) return null
    return `it needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  })
}

async function evictPods(context: DisruptionContext): Promise<void> {
  const { api, namespace } = context
  const { items } = await callApi('list the pods to evict', () =>
    api.core.listNamespacedPod({ namespace, labelSelector: `app=${workloadName}` }),
  )
  // All are asked for together, as a drain of several nodes does; each goes on asking while its budget refuses.
  await Promise.all(items.map((pod) => evictPod(pod, context)))
}

async function evictPod(pod: V1Pod, { api, namespace, limitMs, onEviction, signal }: DisruptionContext): Promise<void> {
  const name = pod.metadata?.name ?? ''
  const deadline = performance.now() + limitMs
  for (;;) {
    signal.throwIfAborted()
    try {
      await api.core.createNamespacedPodEviction({ name, namespace, body: { metadata: { name, namespace } } })
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
