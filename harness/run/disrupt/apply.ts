/** The objects of a file, merged into existing ones or created. */
import type { KubernetesObject } from '@kubernetes/client-node'
import { Fault } from '../../base/fault.ts'
import { getErrorStatus } from '../../cluster/api.ts'
import type { Apply } from '../../model/disruptions/apply.ts'
import { callApi, withNamespace } from '../deploy/workload.ts'
import type { EvictionContext } from './eviction.ts'

type ApplyContext = Pick<EvictionContext, 'api' | 'namespace' | 'signal'>

/** Throws a Fault for an object in another namespace than the workload's. */
export async function applyObjects({ file, read }: Apply, context: ApplyContext): Promise<void> {
  if (read === undefined) throw new Fault('usage', `Cannot apply ${file}: it was not read`)
  const objects = read() as readonly KubernetesObject[]
  for (const { kind, metadata } of objects) {
    if ((metadata?.namespace ?? context.namespace) === context.namespace) continue
    throw new Fault(
      'usage',
      `Cannot apply ${file}: its ${kind} ${metadata?.name} is in the namespace ${metadata?.namespace}`,
    )
  }
  for (const object of objects) {
    context.signal.throwIfAborted()
    await callApi(`apply ${object.kind} ${object.metadata?.name} of ${file}`, () => applyObject(object, context))
  }
}

async function applyObject(object: KubernetesObject, { api, namespace }: ApplyContext): Promise<void> {
  const placed = withNamespace(object, namespace)
  try {
    await api.objects.patch(placed)
  } catch (error) {
    if (getErrorStatus(error) !== 404) throw error
    await api.objects.create(placed)
  }
}
