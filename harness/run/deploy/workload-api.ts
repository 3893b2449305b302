/** The API calls for the object that a run measures, by its kind. */
import type { V1LabelSelector, V1ObjectMeta, V1PodTemplateSpec } from '@kubernetes/client-node'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { KubeApi } from '../../cluster/api.ts'
import type { ControllerKind, Workload } from '../../model/workload.ts'

/** The object and its namespace. */
export interface WorkloadReference {
  api: KubeApi
  namespace: string
  workload: Pick<Workload, 'kind' | 'name'>
}

/** The fields that are read of a controller of any kind. */
export interface Controller {
  metadata?: V1ObjectMeta
  spec?: {
    /** Absent for a DaemonSet. */
    replicas?: number
    selector?: V1LabelSelector
    template: V1PodTemplateSpec
    /** Absent for a Deployment. */
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number; maxUnavailable?: number | string } }
  }
  status?: ControllerStatus
}

interface ControllerStatus {
  observedGeneration?: number
  replicas?: number
  readyReplicas?: number
  updatedReplicas?: number
  availableReplicas?: number
  conditions?: { type: string; status: string; message?: string }[]
  /** For a StatefulSet; both are equal when every pod has the latest template. */
  currentRevision?: string
  updateRevision?: string
  /** For a DaemonSet, as the following fields. */
  desiredNumberScheduled?: number
  updatedNumberScheduled?: number
  numberAvailable?: number
}

interface PatchOptions {
  dryRun?: 'All'
  fieldValidation?: 'Strict'
}

interface ControllerCalls {
  read: (reference: WorkloadReference) => Promise<Controller>
  /** Applies a strategic merge patch. */
  patch: (reference: WorkloadReference, body: object, options: PatchOptions) => Promise<Controller>
  /** Absent where the number of pods is that of the nodes. */
  scale?: (reference: WorkloadReference, replicas: number) => Promise<unknown>
}

const strategicMerge = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch)
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)

const callsByKind: Record<ControllerKind, ControllerCalls> = {
  Deployment: {
    read: ({ api, namespace, workload: { name } }) => api.apps.readNamespacedDeployment({ name, namespace }),
    patch: ({ api, namespace, workload: { name } }, body, options) =>
      api.apps.patchNamespacedDeployment({ name, namespace, body, ...options }, strategicMerge),
    scale: ({ api, namespace, workload: { name } }, replicas) =>
      api.apps.patchNamespacedDeploymentScale({ name, namespace, body: { spec: { replicas } } }, merge),
  },
  StatefulSet: {
    read: ({ api, namespace, workload: { name } }) => api.apps.readNamespacedStatefulSet({ name, namespace }),
    patch: ({ api, namespace, workload: { name } }, body, options) =>
      api.apps.patchNamespacedStatefulSet({ name, namespace, body, ...options }, strategicMerge),
    scale: ({ api, namespace, workload: { name } }, replicas) =>
      api.apps.patchNamespacedStatefulSetScale({ name, namespace, body: { spec: { replicas } } }, merge),
  },
  DaemonSet: {
    read: ({ api, namespace, workload: { name } }) => api.apps.readNamespacedDaemonSet({ name, namespace }),
    patch: ({ api, namespace, workload: { name } }, body, options) =>
      api.apps.patchNamespacedDaemonSet({ name, namespace, body, ...options }, strategicMerge),
  },
}

function getCalls({ workload: { kind, name } }: WorkloadReference): ControllerCalls {
  if (kind === 'Service') throw new Error(`Cannot change what runs behind Service ${name}: it has no controller`)
  return callsByKind[kind]
}

/** Throws an Error, as the functions below, where the workload is the pods of a Service and so has no controller. */
export async function readWorkload(reference: WorkloadReference): Promise<Controller> {
  return getCalls(reference).read(reference)
}

/** Returns the object after the strategic merge patch. */
export async function patchWorkload(
  reference: WorkloadReference,
  body: object,
  options: PatchOptions = {},
): Promise<Controller> {
  return getCalls(reference).patch(reference, body, options)
}

/** Scales through the scale subresource, as an autoscaler does. */
export async function scaleWorkload(reference: WorkloadReference, replicas: number): Promise<unknown> {
  const { scale } = getCalls(reference)
  const { kind, name } = reference.workload
  if (!scale) throw new Error(`Cannot scale ${kind} ${name}: it has a pod on each node`)
  return scale(reference, replicas)
}
