/** Connection tracking by a pod on the node's network, if requested: it needs NET_ADMIN there. */
import type { V1Pod } from '@kubernetes/client-node'
import { buildConntrackArguments } from '@nodrop/embedded-kubernetes'
import { Fault } from '../../base/fault.ts'
import { waitUntil } from '../../base/polling.ts'
import { getApiMessage, getErrorStatus } from '../api.ts'
import type { TrackedConnections, TrackingPod } from '../provider.ts'
import { readServerVersion } from '../server-version.ts'

/** Mostly for pulling its image. */
const startLimitMs = 60_000

/** The pod is deleted with its namespace. */
export async function trackByPod(
  tracked: TrackedConnections,
  { namespace, manifest }: TrackingPod,
): Promise<AsyncIterable<unknown>> {
  const { api, signal } = tracked
  const body = await buildPod(tracked, manifest)
  const created = await api.core.createNamespacedPod({ namespace, body }).catch((error: unknown): never => {
    throw new Fault('environment', `the pod that reads it cannot be made: ${getApiMessage(error)}`, '', {
      cause: error,
    })
  })
  const name = created.metadata?.name ?? ''
  await waitUntil('the pod that reads it to run', { limitMs: startLimitMs, signal }, async () => {
    const pod = await api.core.readNamespacedPod({ name, namespace }).catch(tellPassing)
    return typeof pod === 'string' ? pod : explainNotRunning(pod)
  })
  const response = await api.open({ path: `/api/v1/namespaces/${namespace}/pods/${name}/log?follow=true`, signal })
  if (response.statusCode === 200) return response
  response.resume()
  throw new Fault('environment', `the log of the pod that reads it is answered with status ${response.statusCode}`)
}

/** `null` when it runs. Throws a Fault when it can never run. */
function explainNotRunning({ status }: V1Pod): string | null {
  const { phase, reason, message, containerStatuses } = status ?? {}
  const { waiting, terminated } = containerStatuses?.[0]?.state ?? {}
  if (terminated) throw new Fault('environment', `the pod that reads it ended with exit code ${terminated.exitCode}`)
  // The kubelet has rejected it.
  if (phase === 'Failed') throw new Fault('environment', `the pod that reads it failed: ${message ?? reason ?? phase}`)
  return phase === 'Running' ? null : (waiting?.message ?? waiting?.reason ?? phase ?? '')
}

/** A temporary failure of the API server may be over the next time; a refusal is final. */
function tellPassing(error: unknown): string {
  const status = getErrorStatus(error)
  if (error instanceof Fault || (status > 0 && status < 500 && status !== 429)) throw error
  return getApiMessage(error)
}

/** Throws a Fault for a manifest that is not a pod with a container. */
async function buildPod({ api, node, filter }: TrackedConnections, manifest: V1Pod): Promise<V1Pod> {
  const pod = structuredClone(manifest)
  const container = pod.spec?.containers[0]
  if (!pod.spec || !container) throw new Fault('usage', 'base/connection-tracking.yaml must be a Pod with a container')
  const image = container.image ?? ''
  const { name = 'connection-tracking', labels = {} } = pod.metadata ?? {}
  pod.metadata = { generateName: `${name}-`, labels }
  pod.spec.nodeName = node
  // kube-proxy has the version of the cluster, without its provider's suffix.
  const version = (await readServerVersion(api)).replace(/[+-].*/, '')
  container.image = /[:@][^/]*$/.test(image) ? image : `${image}:${version}`
  container.args = buildConntrackArguments(filter)
  return pod
}
