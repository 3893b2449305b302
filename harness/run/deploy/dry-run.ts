/**
 * What the API server says of everything that a comparison is to deploy, before the first of its runs: by server-side dry runs, in a
 * namespace of their own that holds nothing but the object of the base that is measured, without a pod.
 */
import type { KubernetesObject, V1Deployment } from '@kubernetes/client-node'
import { getApiMessage, getStatusCauses, getErrorStatus } from '../../cluster/api.ts'
import type { StatusCause } from '../../cluster/api.ts'
import {
  callApi,
  createNamespace,
  deleteNamespace,
  isWorkload,
  waitUntilNamespaceReady,
  withNamespace,
} from './workload.ts'
import type { NamespaceOptions } from './workload.ts'
import { patchWorkload } from './workload-api.ts'
import type { WorkloadReference } from './workload-api.ts'

export interface DryRunOptions extends NamespaceOptions {
  workload: WorkloadReference['workload']
  base: readonly KubernetesObject[]
  /** Strategic merge patches of the workload's object by the name of their configuration. */
  patches: ReadonlyMap<string, Record<string, unknown>>
}

/** Something that the API server does not take. */
export interface Rejection {
  what: { configuration: string } | { kind: string; name: string }
  message: string
  /** The fields that it complains of; none where it does not say. */
  causes: StatusCause[]
}

/** Gives every refusal; throws a Fault when there is no namespace to be had, or no answer. */
export async function dryRunObjects({ workload, base, patches, ...own }: DryRunOptions): Promise<Rejection[]> {
  const { api, name: namespace, signal } = own
  const uid = await createNamespace(own)
  try {
    await waitUntilNamespaceReady(own)
    const refusals: Rejection[] = []
    for (const object of base) {
      signal.throwIfAborted()
      const what = { kind: object.kind ?? '', name: object.metadata?.name ?? '' }
      refusals.push(...(await collectRejections(what, () => createObject({ api, namespace, workload }, object))))
    }
    if (refusals.length > 0) return refusals
    for (const [configuration, body] of patches) {
      signal.throwIfAborted()
      const patch = (): Promise<unknown> =>
        patchWorkload({ api, namespace, workload }, body, { dryRun: 'All', fieldValidation: 'Strict' })
      refusals.push(...(await collectRejections({ configuration }, patch)))
    }
    return refusals
  } finally {
    await deleteNamespace(api, namespace, uid)
  }
}

/** All but the workload's object, which patches need, in a dry run. */
function createObject({ api, namespace, workload }: WorkloadReference, object: KubernetesObject): Promise<unknown> {
  const placed = withNamespace(object, namespace)
  if (!isWorkload(object, workload)) return api.objects.create(placed, undefined, 'All')
  const { spec } = placed as V1Deployment
  if (spec) spec.replicas = 0
  return api.objects.create(placed)
}

/** Of a wrong object the server says 400 or 422; everything else is no fault of the object. */
async function collectRejections(what: Rejection['what'], call: () => Promise<unknown>): Promise<Rejection[]> {
  try {
    const name =
      'configuration' in what ? `apply the configuration ${what.configuration}` : `create ${what.kind} ${what.name}`
    await callApi(name, call)
    return []
  } catch (error) {
    const { cause } = error as Error
    if (![400, 422].includes(getErrorStatus(cause))) throw error
    return [{ what, message: getApiMessage(cause), causes: getStatusCauses(cause) }]
  }
}
