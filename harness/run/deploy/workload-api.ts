/** The API's calls for the object that a run measures, by its kind. */
import type { V1Deployment } from '@kubernetes/client-node'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { KubeApi } from '../../cluster/api.ts'
import type { Workload, WorkloadKind } from '../../model/workload.ts'

/** Where it is. */
export interface WorkloadReference {
  api: KubeApi
  namespace: string
  workload: Pick<Workload, 'kind' | 'name'>
}

interface PatchOptions {
  dryRun?: 'All'
  fieldValidation?: 'Strict'
}

interface WorkloadCalls {
  read: (reference: WorkloadReference) => Promise<V1Deployment>
  /** By a strategic merge patch. */
  patch: (reference: WorkloadReference, body: object, options: PatchOptions) => Promise<V1Deployment>
  scale: (reference: WorkloadReference, replicas: number) => Promise<unknown>
}

const strategicMerge = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch)
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)

const callsByKind: Record<WorkloadKind, WorkloadCalls> = {
  Deployment: {
    read: ({ api, namespace, workload: { name } }) => api.apps.readNamespacedDeployment({ name, namespace }),
    patch: ({ api, namespace, workload: { name } }, body, options) =>
      api.apps.patchNamespacedDeployment({ name, namespace, body, ...options }, strategicMerge),
    scale: ({ api, namespace, workload: { name } }, replicas) =>
      api.apps.patchNamespacedDeploymentScale({ name, namespace, body: { spec: { replicas } } }, merge),
  },
}

export function readWorkload(reference: WorkloadReference): Promise<V1Deployment> {
  return callsByKind[reference.workload.kind].read(reference)
}

/** Gives it as it is after the strategic merge patch. */
export function patchWorkload(
  reference: WorkloadReference,
  body: object,
  options: PatchOptions = {},
): Promise<V1Deployment> {
  return callsByKind[reference.workload.kind].patch(reference, body, options)
}

/** Through its scale subresource, as an autoscaler does it. */
export function scaleWorkload(reference: WorkloadReference, replicas: number): Promise<unknown> {
  return callsByKind[reference.workload.kind].scale(reference, replicas)
}
