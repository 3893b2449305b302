/** Other numbers of replicas, asked for through the scale subresource as by `kubectl scale` and by autoscalers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '../../base/polling.ts'
import type { Autoscale } from '../../model/disruptions/autoscale.ts'
import { callApi } from '../deploy/workload.ts'
import { readWorkload, scaleWorkload } from '../deploy/workload-api.ts'
import type { EvictionContext } from './eviction.ts'

type ScalingContext = Pick<EvictionContext, 'api' | 'namespace' | 'workload' | 'limitMs' | 'signal'>

export async function scaleReplicas(replicas: number, context: ScalingContext): Promise<void> {
  await callApi(`scale to ${replicas}`, () => scaleWorkload(context, replicas))
}

/** Resolves when it was scaled down again, to as many as there were. */
export async function autoscaleReplicas(
  { to, holdMs }: Autoscale,
  context: ScalingContext & { replicas: number },
): Promise<void> {
  const { replicas, signal } = context
  await scaleReplicas(to, context)
  await waitUntilReady(to, context)
  await sleep(holdMs, undefined, { signal })
  await scaleReplicas(replicas, context)
}

async function waitUntilReady(replicas: number, context: ScalingContext): Promise<void> {
  const { limitMs, signal, workload } = context
  const { kind, name } = workload
  await waitUntil(`${replicas} pods of ${kind} ${name} to get ready`, { limitMs, signal }, async () => {
    const { status } = await callApi(`read ${kind} ${name}`, () => readWorkload(context))
    const { readyReplicas = 0 } = status ?? {}
    return readyReplicas >= replicas ? null : `${readyReplicas} are ready`
  })
}
