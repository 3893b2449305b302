/**
 * Connection tracking of a cluster run by others. By default nodrop reads it only where that needs no permission on a node: in clusters on
 * this machine, embedded or kind.
 */
import type { V1NodeSystemInfo } from '@kubernetes/client-node'
import { Fault } from '../../base/fault.ts'
import { getApiMessage } from '../api.ts'
import { trackConnections as trackInEmbedded } from './embedded-connections.ts'
import { isContainerOfNode, trackConnections as trackInKind } from './kind-connections.ts'
import { trackByPod } from './pod-connections.ts'
import type { TrackedConnections } from '../provider.ts'

export async function trackConnections(tracked: TrackedConnections): Promise<AsyncIterable<unknown>> {
  if (tracked.pod) return trackByPod(tracked, tracked.pod)
  const info = await readNodeInfo(tracked)
  if (info.containerRuntimeVersion.startsWith('nodrop://')) return trackInEmbedded(tracked)
  if (await isContainerOfNode(tracked.node, info.machineID, tracked.signal)) return trackInKind(tracked)
  const advice = 'With --connection-tracking a pod on the network of the node reads it.'
  throw new Fault('environment', 'the node is none of a kind cluster of this machine', advice)
}

async function readNodeInfo({ api, node }: TrackedConnections): Promise<V1NodeSystemInfo> {
  const { status } = await api.core.readNode({ name: node }).catch((error: unknown): never => {
    throw new Fault('environment', `the node ${node} cannot be read: ${getApiMessage(error)}`, '', { cause: error })
  })
  if (!status?.nodeInfo) throw new Fault('environment', `the node ${node} tells nothing of itself`)
  return status.nodeInfo
}
