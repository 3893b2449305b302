/** A new version of the workload: another environment or image of one of its containers. */
import { Fault } from '../../base/fault.ts'
import type { Update } from '../../model/disruptions/update.ts'
import { callApi } from '../deploy/workload.ts'
import { patchWorkload, readWorkload } from '../deploy/workload-api.ts'
import type { EvictionContext } from './eviction.ts'

type UpdateContext = Pick<EvictionContext, 'api' | 'namespace' | 'workload'>

/** Throws a Fault when the workload has no such container: a merge patch would add one. */
export function checkUpdatedContainer({ container }: Update, { workload }: UpdateContext): void {
  const { names } = workload.containers
  if (container === undefined || names.includes(container)) return
  throw new Fault(
    'usage',
    `Cannot update the container ${container}: ${workload.kind} ${workload.name} has ${names.join(', ')}`,
  )
}

/** Throws a Fault when nothing has changed by it: no pod would ever be replaced. */
export async function updateTemplate({ container, env = {}, image }: Update, context: UpdateContext): Promise<void> {
  const { containers, kind, name } = context.workload
  const variables = Object.entries(env).map(([variable, value]) => ({ name: variable, value }))
  const changed = {
    name: container ?? containers.front,
    ...(variables.length > 0 && { env: variables }),
    ...(image !== undefined && { image }),
  }
  const patch = { spec: { template: { spec: { containers: [changed] } } } }
  const before = await callApi(`read ${kind} ${name}`, () => readWorkload(context))
  const after = await callApi(`update ${kind} ${name}`, () => patchWorkload(context, patch))
  if (after.metadata?.generation !== before.metadata?.generation) return
  throw new Fault('unknown', `Cannot update ${kind} ${name}: its container ${changed.name} is like that already`)
}
