/** Nodes that nodrop has cordoned: the label that names the namespace, and uncordoning those that a killed run left. */
import type { V1NodeList } from '@kubernetes/client-node'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { Fault } from '../../base/fault.ts'
import { getApiMessage, getErrorStatus } from '../api.ts'
import type { KubeApi } from '../api.ts'

/** Set by the patch that cordons the node; its value is the namespace of the drained workload. */
export const drainedForLabel = 'nodrop.dev/drained-for'

const requestLimitMs = 20_000
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)

/** Cordons the node for a namespace; `null`: uncordons it. */
export async function patchCordon(api: KubeApi, name: string, namespace: string | null): Promise<void> {
  const spec = { unschedulable: namespace === null ? null : true }
  await api.core.patchNode({ name, body: { metadata: { labels: { [drainedForLabel]: namespace } }, spec } }, merge)
}

/**
 * Uncordons the nodes that were cordoned for a namespace that is gone by `isGone`. Returns their names; none if the user of the context may
 * not list nodes, and so has drained none.
 */
export async function uncordonAbandonedNodes(
  api: KubeApi,
  isGone: (namespace: string) => Promise<boolean>,
): Promise<string[]> {
  const path = `/api/v1/nodes?${new URLSearchParams({ labelSelector: drainedForLabel }).toString()}`
  const { status, body } = await api.request({ path, signal: AbortSignal.timeout(requestLimitMs) })
  if (status === 403) return []
  if (status !== 200) throw new Fault('unknown', `Cannot list the nodes: the API answered ${status}`)
  const uncordoned: string[] = []
  for (const { metadata } of (JSON.parse(body) as V1NodeList).items) {
    const { name = '', labels = {} } = metadata ?? {}
    if (!(await isGone(labels[drainedForLabel] ?? ''))) continue
    try {
      await patchCordon(api, name, null)
      uncordoned.push(name)
    } catch (error) {
      if (getErrorStatus(error) !== 404)
        throw new Fault(
          'unknown',
          `Cannot uncordon ${name}: ${getApiMessage(error)}`,
          `kubectl uncordon ${name} does it.`,
        )
    }
  }
  return uncordoned
}
