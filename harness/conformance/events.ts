/** What the cluster itself said about an object. */
import type { CoreV1Event } from '@kubernetes/client-node'
import type { Scene } from './scene.ts'

/** Events about a pod, oldest first. */
export async function events({ api, namespace }: Scene, pod: string): Promise<CoreV1Event[]> {
  const { items } = await api.core.listNamespacedEvent({ namespace, fieldSelector: `involvedObject.name=${pod}` })
  return items
}
