/** The pod that sends the load, and the way to its control port: the API server's pod proxy, as on any cluster. */
import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import type { KubeApi } from '../cluster/api.ts'
import type { DriverTransport } from '../load/client.ts'
import { until } from './until.ts'
import { asked, placed } from './workload.ts'

export interface DriverPodOptions {
  api: KubeApi
  namespace: string
  /** The pod of the base manifests. */
  manifest: KubernetesObject
  /** The bundled driver, one file. */
  code: string
  signal: AbortSignal
}

const readyLimitMs = 60_000
const controlPort = 8089

export async function createDriverPod(options: DriverPodOptions): Promise<void> {
  const { api, namespace, manifest, code } = options
  const configMap = { metadata: { name: 'driver' }, data: { 'driver.mjs': code } }
  await asked("store the driver's code", () => api.core.createNamespacedConfigMap({ namespace, body: configMap }))
  await asked('create the driver pod', () => api.objects.create(placed(manifest, namespace)))
}

export async function driverReady({ api, namespace, signal }: DriverPodOptions): Promise<void> {
  await until('the driver pod to get ready', readyLimitMs, signal, async () => {
    const pod: V1Pod = await api.core.readNamespacedPod({ name: 'driver', namespace })
    if (pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) return null
    const [container] = pod.status?.containerStatuses ?? []
    const { waiting, terminated } = container?.state ?? {}
    return waiting?.message ?? waiting?.reason ?? terminated?.reason ?? pod.status?.phase ?? 'no status yet'
  })
}

export function driverTransport(api: KubeApi, namespace: string): DriverTransport {
  const prefix = `/api/v1/namespaces/${namespace}/pods/driver:${controlPort}/proxy`
  return ({ method, path, body, signal }) =>
    api.request({ method, path: prefix + path, ...(body !== undefined && { body }), ...(signal && { signal }) })
}
