/** What can be done to the workload while the load goes on. Each resolves when all of it has been asked for and accepted. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { apiMessage, causesOf, statusOf } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { until } from '../deploy/polling.ts'
import { asked, workloadName } from '../deploy/workload.ts'
import { Fault } from '../../base/fault.ts'
import type { Disruption } from '../../model/plan.ts'

export interface Disrupting {
  api: KubeApi
  namespace: string
  /** How long a disruption may be refused before it is given up. */
  limitMs: number
  onEviction: (answer: { pod: string; status: number; message: string }) => void
  signal: AbortSignal
}
type Action<K extends Disruption['kind']> = {
  /** Before any load: what the scenario adds to the workload. */
  prepare?: (disruption: Extract<Disruption, { kind: K }>, context: Disrupting) => Promise<void>
  disrupt: (disruption: Extract<Disruption, { kind: K }>, context: Disrupting) => Promise<void>
}

/** As `kubectl drain` waits before it asks again after a refusal; shorter, because pods here start in seconds. */
const evictionRetryMs = 500
const budgetName = workloadName

const actions: { [K in Disruption['kind']]: Action<K> } = {
  'rollout-restart': { disrupt: (_, context) => restart(context) },
  scale: { disrupt: ({ to }, context) => scale(to, context) },
  evict: {
    prepare: async ({ budget }, context) => {
      if (budget) await createBudget(budget.maxUnavailable, context)
    },
    disrupt: (_, context) => evictAll(context),
  },
}

export async function prepareDisruption<K extends Disruption['kind']>(
  disruption: Extract<Disruption, { kind: K }>,
  context: Disrupting,
): Promise<void> {
  await (actions[disruption.kind] as unknown as Action<K>).prepare?.(disruption, context)
}

export async function disrupt<K extends Disruption['kind']>(
  disruption: Extract<Disruption, { kind: K }>,
  context: Disrupting,
): Promise<void> {
  await (actions[disruption.kind] as unknown as Action<K>).disrupt(disruption, context)
}

/** kubectl's own way to restart: a new annotation makes a new template. */
async function restart({ api, namespace }: Disrupting): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  await asked('restart the rollout', () =>
    api.apps.patchNamespacedDeployment(
      { name: workloadName, namespace, body: { spec: { template: { metadata: { annotations } } } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    ),
  )
}

async function scale(replicas: number, { api, namespace }: Disrupting): Promise<void> {
  await asked(`scale to ${replicas}`, () =>
    api.apps.patchNamespacedDeploymentScale(
      { name: workloadName, namespace, body: { spec: { replicas } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    ),
  )
}

async function createBudget(maxUnavailable: number, { api, namespace, signal }: Disrupting): Promise<void> {
  const spec = { maxUnavailable, selector: { matchLabels: { app: workloadName } } }
  await asked('create the disruption budget', () =>
    api.policy.createNamespacedPodDisruptionBudget({ namespace, body: { metadata: { name: budgetName }, spec } }),
  )
  await until('the disruption budget to allow a disruption', 30_000, signal, async () => {
    const budget = await api.policy.readNamespacedPodDisruptionBudget({ name: budgetName, namespace })
    const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {}
    if (disruptionsAllowed > 0) return null
    return `it needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  })
}

async function evictAll(context: Disrupting): Promise<void> {
  const { api, namespace } = context
  const { items } = await asked('list the pods to evict', () =>
    api.core.listNamespacedPod({ namespace, labelSelector: `app=${workloadName}` }),
  )
  // All are asked for together, as a drain of several nodes does; each goes on asking while its budget refuses.
  await Promise.all(items.map((pod) => evict(pod, context)))
}

async function evict(pod: V1Pod, { api, namespace, limitMs, onEviction, signal }: Disrupting): Promise<void> {
  const name = pod.metadata?.name ?? ''
  const deadline = performance.now() + limitMs
  for (;;) {
    signal.throwIfAborted()
    try {
      await api.core.createNamespacedPodEviction({ name, namespace, body: { metadata: { name, namespace } } })
      onEviction({ pod: name, status: 201, message: 'evicted' })
      return
    } catch (error) {
      const status = statusOf(error)
      if (status === 404) return
      if (status !== 429) throw new Fault('unknown', `Cannot evict ${name}: ${apiMessage(error)}`)
      onEviction({ pod: name, status, message: apiMessage(error) })
      if (performance.now() > deadline) {
        throw new Fault('unknown', `Cannot evict ${name} within ${limitMs / 1000} s: ${refusalOf(error)}`)
      }
      await sleep(evictionRetryMs, undefined, { signal })
    }
  }
}

/** What the API server answers, and the budget's own words behind it. */
function refusalOf(error: unknown): string {
  const causes = causesOf(error).map(({ message }) => message)
  return [apiMessage(error), ...causes].filter(Boolean).join(' ')
}
