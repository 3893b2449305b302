/** Changes the number of replicas through the scale subresource, as `kubectl scale` and autoscalers do. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { waitUntil } from '../../base/polling.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { formatLeftScaled, formatScaleBack, formatScaled, scaleBack } from '../../cluster/scaled-workloads.ts'
import type { Autoscale } from '../../model/disruptions/autoscale.ts'
import { callApi, tellFault } from '../deploy/workload.ts'
import { readWorkload, scaleWorkload } from '../deploy/workload-api.ts'
import type { CommandOutput } from './command.ts'
import type { EvictionContext } from './eviction.ts'

type ScalingContext = Pick<EvictionContext, 'api' | 'namespace' | 'workload' | 'limitMs' | 'signal'>

interface UndoContext extends ScalingContext {
  replicas: number
  /** Records what a sweep must undo if the run is killed. */
  recordScaled?: Cluster['recordScaled']
  output?: Pick<CommandOutput, 'show'>
  defer: (undo: () => Promise<void>) => void
}

const undoLimits = { limitMs: 10_000, intervalMs: 500 }

/** Scales a workload back to its former number of pods, unless another client has scaled it since. Call it before the effect. */
export function deferScaleBack(to: number, context: UndoContext): void {
  const { api, namespace, workload, replicas: from, recordScaled, output, defer } = context
  const { kind, name } = workload
  if (workload.namespace === undefined || kind === 'DaemonSet' || kind === 'Service') return
  const scaled = { namespace, kind, name, from, to }
  const forget = recordScaled?.(scaled)
  defer(async () => {
    const limits = { ...undoLimits, advice: formatScaleBack(scaled) }
    await waitUntil(`the API server to scale ${formatScaled(scaled)} back`, limits, async () => {
      try {
        const result = await scaleBack(api, scaled)
        if (typeof result === 'object') output?.show(formatLeftScaled(scaled, result))
        return null
      } catch (error) {
        // It was refused, or the cluster has ended or is another one.
        if (error instanceof Fault) throw error
        return getErrorMessage(error)
      }
    })
    forget?.()
  })
}

export async function scaleReplicas(replicas: number, context: ScalingContext): Promise<void> {
  await callApi(`scale to ${replicas}`, () => scaleWorkload(context, replicas))
}

/** Resolves when the workload has been scaled back to its first number of pods. */
export async function autoscaleReplicas({ to, holdMs }: Autoscale, context: UndoContext): Promise<void> {
  const { replicas, signal } = context
  deferScaleBack(to, context)
  await scaleReplicas(to, context)
  await waitUntilReady(to, context)
  await sleep(holdMs, undefined, { signal })
  await scaleReplicas(replicas, context)
}

async function waitUntilReady(replicas: number, context: ScalingContext): Promise<void> {
  const { limitMs, signal, workload } = context
  const { kind, name } = workload
  const explainUnready = async (): Promise<string | null> => {
    const { status } = await callApi(`read ${kind} ${name}`, () => readWorkload(context))
    const { readyReplicas = 0 } = status ?? {}
    return readyReplicas >= replicas ? null : `${readyReplicas} are ready`
  }
  await waitUntil(`${replicas} pods of ${kind} ${name} to get ready`, { limitMs, signal }, () =>
    tellFault(signal, explainUnready),
  )
}
