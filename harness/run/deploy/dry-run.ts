/**
 * Checks everything that a comparison is to deploy with the API server, before the first run. It uses server-side dry runs in a namespace
 * of their own, which holds only the measured object of the base, without a pod.
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
  /** Strategic merge patches of the workload's object, by the name of their configuration. */
  patches: ReadonlyMap<string, Record<string, unknown>>
}

/** An object or patch that the API server does not accept. */
export interface Rejection {
  what: { configuration: string } | { kind: string; name: string }
  message: string
  /** The invalid fields, where the server names them. */
  causes: StatusCause[]
}

/** Returns all rejections; throws a Fault when no namespace can be made or the server does not answer. */
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

/** Creates an object in a dry run, except the workload's object, which must exist for its patches. */
function createObject({ api, namespace, workload }: WorkloadReference, object: KubernetesObject): Promise<unknown> {
  const placed = withNamespace(object, namespace)
  if (!isWorkload(object, workload)) return api.objects.create(placed, undefined, 'All')
  const { spec } = placed as V1Deployment
  if (spec) spec.replicas = 0
  return api.objects.create(placed)
}

/** The server answers 400 or 422 for an invalid object; any other error has another cause. */
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
