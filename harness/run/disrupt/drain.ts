/** Drains a node as `kubectl drain` does, but evicts only the workload's pods. */
import type { V1Node } from '@kubernetes/client-node'
import { Fault } from '../../base/fault.ts'
import { waitUntil } from '../../base/polling.ts'
import { getApiMessage, getErrorStatus } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { patchCordon } from '../../cluster/context/drained-nodes.ts'
import { findDrainedNode } from '../../model/disruptions/drain.ts'
import type { OldPod } from '../../model/disruptions/kind.ts'
import { callApi } from '../deploy/workload.ts'
import { evictPods } from './eviction.ts'
import type { EvictionContext } from './eviction.ts'

export interface DrainContext extends EvictionContext {
  old: readonly OldPod[]
  defer: (undo: () => Promise<void>) => void
}

const uncordonLimits = { limitMs: 10_000, intervalMs: 500 }

/** Throws a Fault where the pods of a drained node would have no other node to go to. */
export async function requireTwoNodes({ api }: Pick<EvictionContext, 'api'>): Promise<void> {
  const { items } = await callApi('list the nodes', () => api.core.listNode())
  const open = items.filter(takesPods)
  if (open.length >= 2) return
  throw new Fault(
    'environment',
    `Cannot drain a node: ${open.length} of ${items.length} take pods, so those of the workload would have nowhere to go`,
    'Use a cluster in which two nodes or more take pods.',
  )
}

function takesPods({ spec }: V1Node): boolean {
  return spec?.unschedulable !== true && !spec?.taints?.some(({ effect }) => effect !== 'PreferNoSchedule')
}

/** Resolves when every eviction was accepted. The node is uncordoned when the run is over, unless it was cordoned before. */
export async function drainNode(context: DrainContext, pods: readonly string[]): Promise<void> {
  const { api, namespace, ownNamespace = namespace, old, defer } = context
  const name = findDrainedNode(old)
  if (name === null) throw new Fault('unknown', 'Cannot drain a node: no pod of the workload is on one')
  const { spec } = await callApi(`read the node ${name}`, () => api.core.readNode({ name }))
  if (spec?.unschedulable !== true) {
    // Before the effect: without an answer it is unknown what was done.
    defer(() => uncordon(api, name))
    await callApi(`cordon ${name}`, () => patchCordon(api, name, ownNamespace))
  }
  await evictPods(pods, context)
}

/** Retries for a while, as no other component will. The node may be gone. */
async function uncordon(api: KubeApi, name: string): Promise<void> {
  try {
    await waitUntil('the API server', uncordonLimits, async () => {
      try {
        await patchCordon(api, name, null)
        return null
      } catch (error) {
        // The cluster has ended, or is another one.
        if (error instanceof Fault) throw error
        return getErrorStatus(error) === 404 ? null : getApiMessage(error)
      }
    })
  } catch (cause) {
    const message = `Cannot uncordon ${name}: ${getApiMessage(cause)}`
    throw new Fault('unknown', message, `kubectl uncordon ${name} does it.`, { cause })
  }
}
