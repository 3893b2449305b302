/** The cluster's own Events about an object. */
import type { CoreV1Event } from '@kubernetes/client-node'
import { waitUntil } from './case-context.ts'
import type { CaseContext } from './case-context.ts'

/** Events about a pod with one of these reasons, as soon as there is one: Events come late, and in batches. */
export async function waitForEvents(scene: CaseContext, pod: string, ...reasons: string[]): Promise<CoreV1Event[]> {
  const { api, namespace } = scene
  return waitUntil(scene, `an Event ${reasons.join(' or ')} about ${pod}`, async () => {
    const { items } = await api.core.listNamespacedEvent({ namespace, fieldSelector: `involvedObject.name=${pod}` })
    const found = items.filter(({ reason = '' }) => reasons.includes(reason))
    return found.length > 0 ? found : undefined
  })
}
