/** Checks before the first run whether a cluster knows the objects that scenarios apply. */
import type { KubernetesObject, V1APIResourceList } from '@kubernetes/client-node'
import type { KubeApi } from '../../cluster/api.ts'
import { Fault } from '../../base/fault.ts'
import type { Scenario } from '../../model/plan.ts'
import { listDisruptions } from '../../model/steps/order.ts'
import { formatClusterScoped } from '../../plan/scenario/applied-files.ts'

/**
 * Throws a usage Fault for an object of a custom kind without a namespace, which would remain when the run's own namespace is deleted. If
 * the cluster does not have its kind, it cannot be applied either, which its step reports.
 */
export async function rejectClusterScoped(api: KubeApi, scenarios: readonly Scenario[]): Promise<void> {
  const lists = new Map<string, V1APIResourceList['resources']>()
  for (const { name: scenario, steps } of scenarios) {
    for (const { step } of listDisruptions(steps)) {
      if (step.kind !== 'apply') continue
      for (const object of (step.read?.() ?? []) as readonly KubernetesObject[]) {
        const { apiVersion = '', kind = '', metadata } = object
        const known = lists.get(apiVersion) ?? (await listResources(api, apiVersion))
        lists.set(apiVersion, known)
        if (known.find((one) => one.kind === kind)?.namespaced !== false) continue
        throw new Fault('usage', formatClusterScoped(`${scenario}: ${step.file}`, { kind, name: metadata?.name ?? '' }))
      }
    }
  }
}

/** Empty if the API server does not list them. */
async function listResources(api: KubeApi, apiVersion: string): Promise<V1APIResourceList['resources']> {
  const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const { status, body } = await api.request({ path, signal: AbortSignal.timeout(20_000) })
  return status === 200 ? ((JSON.parse(body) as Partial<V1APIResourceList>).resources ?? []) : []
}
