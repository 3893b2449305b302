/**
 * What the API server says of everything that a comparison is to deploy, before the first of its runs: by server-side dry runs, in a
 * namespace of their own that holds nothing but the Deployment of the base, without a pod.
 */
import type { KubernetesObject, V1Deployment } from '@kubernetes/client-node'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { getApiMessage, getStatusCauses, getErrorStatus } from '../../cluster/api.ts'
import type { StatusCause, KubeApi } from '../../cluster/api.ts'
import {
  callApi,
  createNamespace,
  deleteNamespace,
  waitUntilNamespaceReady,
  withNamespace,
  workloadName,
} from './workload.ts'
import type { NamespaceOptions } from './workload.ts'

export interface DryRunOptions extends NamespaceOptions {
  base: readonly KubernetesObject[]
  /** Strategic merge patches of the Deployment by the name of their configuration. */
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
export async function dryRunObjects({ base, patches, ...own }: DryRunOptions): Promise<Rejection[]> {
  const { api, name: namespace, signal } = own
  const uid = await createNamespace(own)
  try {
    await waitUntilNamespaceReady(own)
    const refusals: Rejection[] = []
    for (const object of base) {
      signal.throwIfAborted()
      const what = { kind: object.kind ?? '', name: object.metadata?.name ?? '' }
      refusals.push(...(await collectRejections(what, () => createObject(api, withNamespace(object, namespace)))))
    }
    if (refusals.length > 0) return refusals
    for (const [configuration, body] of patches) {
      signal.throwIfAborted()
      const patch = (): Promise<unknown> =>
        api.apps.patchNamespacedDeployment(
          { name: workloadName, namespace, body, dryRun: 'All', fieldValidation: 'Strict' },
          setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
        )
      refusals.push(...(await collectRejections({ configuration }, patch)))
    }
    return refusals
  } finally {
    await deleteNamespace(api, namespace, uid)
  }
}

/** All but the Deployment, which patches need, in a dry run. */
function createObject(api: KubeApi, object: KubernetesObject): Promise<unknown> {
  const isPatched = object.kind === 'Deployment' && object.metadata?.name === workloadName
  if (!isPatched) return api.objects.create(object, undefined, 'All')
  const { spec } = object as V1Deployment
  if (spec) spec.replicas = 0
  return api.objects.create(object)
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
