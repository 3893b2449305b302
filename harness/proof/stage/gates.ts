/** Readiness controlled by a case: a pod with a readiness gate becomes ready when the case opens it. */
import type { V1PodSpec } from '@kubernetes/client-node'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { CaseContext } from './case-context.ts'

const conditionType = 'nodrop.dev/open'

/** The same pod with a closed gate. */
export function addReadinessGate(spec: V1PodSpec): V1PodSpec {
  return Object.assign({}, spec, { readinessGates: [{ conditionType }] })
}

export async function openGate(
  { api, namespace }: CaseContext,
  name: string,
  status: 'True' | 'False' = 'True',
): Promise<void> {
  await api.core.patchNamespacedPodStatus(
    { name, namespace, body: { status: { conditions: [{ type: conditionType, status }] } } },
    setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
  )
}
