/** A new version of the workload: another environment or image of one of its containers, or any other patch. */
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

/** Throws a Fault when the patch changes nothing: no pod would be replaced. */
export async function updateTemplate(update: Update, context: UpdateContext): Promise<void> {
  const { kind, name } = context.workload
  const { patch, what } = buildPatch(update, context)
  const before = await callApi(`read ${kind} ${name}`, () => readWorkload(context))
  const after = await callApi(`update ${kind} ${name}`, () => patchWorkload(context, patch))
  if (after.metadata?.generation !== before.metadata?.generation) return
  throw new Fault('unknown', `Cannot update ${kind} ${name}: ${what} is like that already`)
}

/** `what` it changes, such as `its container app`. */
function buildPatch(update: Update, { workload }: UpdateContext): { patch: object; what: string } {
  const { container = workload.containers.front, env = {}, image, patch } = update
  if (patch !== undefined) return { patch, what: 'it' }
  const variables = Object.entries(env).map(([variable, value]) => ({ name: variable, value }))
  const changed = {
    name: container,
    ...(variables.length > 0 && { env: variables }),
    ...(image !== undefined && { image }),
  }
  return { patch: { spec: { template: { spec: { containers: [changed] } } } }, what: `its container ${container}` }
}
