/** The pods of the ingress controller that the load goes through, found by the Service that has the address of the Ingress. */
import type { V1EndpointSlice, V1Service } from '@kubernetes/client-node'
import { Fault } from '../../base/fault.ts'
import { getApiMessage } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'

export interface ControllerPods {
  pods: { node: string; ip: string }[]
  /** Why there are none; `null` if there are. */
  why: string | null
}

/** Lists Services and EndpointSlices of all namespaces; returns a reason where that is not allowed or they are not found. */
export async function findControllerPods(api: KubeApi, address: string): Promise<ControllerPods> {
  try {
    const services = await api.core.listServiceForAllNamespaces()
    const service = services.items.find((one) => listAddresses(one).includes(address))
    if (service === undefined) return { pods: [], why: `no Service has the controller's address ${address}` }
    const { name = '', namespace = '' } = service.metadata ?? {}
    const slices = await listSlices(api, namespace, name)
    const pods = slices
      // A slice without endpoints has `null`.
      .flatMap(({ endpoints }) => endpoints ?? [])
      .flatMap(({ addresses, nodeName }) => addresses.map((ip) => ({ ip, node: nodeName ?? '' })))
      .filter(({ node }) => node !== '')
    return { pods, why: pods.length > 0 ? null : `the controller's Service ${namespace}/${name} has no pod` }
  } catch (error) {
    return { pods: [], why: `the controller's pods cannot be found: ${getApiMessage(error)}` }
  }
}

async function listSlices(api: KubeApi, namespace: string, service: string): Promise<V1EndpointSlice[]> {
  const selector = encodeURIComponent(`kubernetes.io/service-name=${service}`)
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${selector}`
  const { status, body } = await api.request({ path })
  if (status !== 200) throw new Fault('environment', `the API answers ${status} to ${path.replace(/\?.*/, '')}`)
  return (JSON.parse(body) as { items: V1EndpointSlice[] }).items
}

function listAddresses({ spec, status }: V1Service): string[] {
  const given = status?.loadBalancer?.ingress?.flatMap(({ ip, hostname }) => [ip, hostname]) ?? []
  return [...(spec?.clusterIPs ?? []), ...(spec?.externalIPs ?? []), ...given].filter((one) => one !== undefined)
}
