/** The pod that nothing disrupts, behind its own Service: the target of the lane `control`. */
import type { KubernetesObject, V1Container, V1Pod } from '@kubernetes/client-node'
import type { KubeApi } from '../../cluster/api.ts'
import { PodStartMonitor, isPodReady } from './pod-start.ts'
import { waitUntil } from '../../base/polling.ts'
import { callApi, withNamespace } from './workload.ts'

export interface ControlPodOptions {
  api: KubeApi
  namespace: string
  /** The pod `control` and its Service. */
  objects: readonly KubernetesObject[]
  /** The token with which its container answers. */
  token: string
  signal: AbortSignal
}

export const controlName = 'control'
const readyLimitMs = 60_000

/** Resolves when it is ready, with the objects as the API server returned them. */
export async function deployControlPod(options: ControlPodOptions): Promise<KubernetesObject[]> {
  const { api, namespace, objects, token, signal } = options
  const created: KubernetesObject[] = []
  for (const object of objects) {
    created.push(
      await callApi(`create ${object.kind} ${object.metadata?.name}`, () =>
        api.objects.create(addWorkloadToken(withNamespace(object, namespace), token)),
      ),
    )
  }
  const starting = new PodStartMonitor(api, namespace)
  await waitUntil('the control pod to get ready', { limitMs: readyLimitMs, signal }, async () => {
    const pod: V1Pod = await api.core.readNamespacedPod({ name: controlName, namespace })
    if (isPodReady(pod)) return null
    return (await starting.checkPods([pod])) || 'it has no status yet'
  })
  return created
}

function addWorkloadToken(object: KubernetesObject, token: string): KubernetesObject {
  const containers: V1Container[] = (object as V1Pod).spec?.containers ?? []
  for (const container of containers) (container.env ??= []).push({ name: 'NODROP_WORKLOAD', value: token })
  return object
}
