/** From Services and EndpointSlices to the rules of a node (pkg/proxy/servicechangetracker.go, topology.go). */
import type { EndpointSlice, Service, Stored } from '../store/objects.ts'
import type { ServiceRule } from '../runtime/runtime.ts'
import type { Store } from '../store/store.ts'

/** A Service and the pods that get its new connections, sorted. */
export interface ServicePods {
  namespace: string
  name: string
  pods: string[]
}

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]
type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number]

interface Backend {
  ip: string
  port: number
  pod: string
  endpoint: Endpoint
}

/** The target rules, in a stable order, and the pods of each Service, by `namespace/name`. */
export function computeServiceRules(store: Store): { rules: ServiceRule[]; pods: Map<string, ServicePods> } {
  const slices = Map.groupBy(store.list('endpointslices'), getServiceKey)
  const rules: ServiceRule[] = []
  const pods = new Map<string, ServicePods>()
  for (const service of store.list('services')) {
    const { namespace = '', name } = service.metadata
    const key = `${namespace}/${name}`
    const clusterIP = service.spec?.clusterIP ?? ''
    // Headless: clients get the pods' own addresses, without any rule.
    if (clusterIP === '' || clusterIP === 'None') continue
    const reached = new Set<string>()
    for (const port of service.spec?.ports ?? []) {
      if ((port.protocol ?? 'TCP') !== 'TCP') continue
      const backends = categorizeEndpoints(collectBackends(slices.get(key) ?? [], port))
      for (const { pod } of backends) reached.add(pod)
      rules.push({
        service: port.name ? `${key}:${port.name}` : key,
        clusterIP,
        port: port.port,
        ...(hasNodePorts(service) && port.nodePort !== undefined && { nodePort: port.nodePort }),
        endpoints: backends.map(({ ip, port }) => ({ ip, port })),
      })
    }
    pods.set(key, { namespace, name, pods: [...reached].sort() })
  }
  return { rules, pods }
}

/** A ClusterIP Service that has been another type may still have its numbers. */
function hasNodePorts({ spec }: Service): boolean {
  return spec?.type === 'NodePort' || spec?.type === 'LoadBalancer'
}

function getServiceKey({ metadata }: Stored<EndpointSlice>): string {
  return `${metadata.namespace ?? ''}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`
}

/** A slice's port belongs to the Service's port of the same name. One backend for each address and port. */
function collectBackends(slices: EndpointSlice[], { name = '' }: ServicePort): Backend[] {
  const backends = new Map<string, Backend>()
  for (const slice of slices) {
    const port = slice.ports?.find((candidate) => (candidate.name ?? '') === name)?.port
    if (port === undefined || slice.addressType !== 'IPv4') continue
    for (const endpoint of slice.endpoints ?? []) {
      const ip = endpoint.addresses[0] ?? ''
      backends.set(`${ip}:${port}`, { ip, port, pod: endpoint.targetRef?.name ?? ip, endpoint })
    }
  }
  return [...backends.values()].sort((a, b) => (a.ip < b.ip ? -1 : 1))
}

/**
 * The ready endpoints or, without any, those that terminate but still serve. A missing condition counts as true, except terminating.
 * KEP-1669, ProxyTerminatingEndpoints (pkg/proxy/topology.go CategorizeEndpoints):
 * https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-to-terminating-endpoints
 */
function categorizeEndpoints(backends: Backend[]): Backend[] {
  const ready = backends.filter(({ endpoint }) => endpoint.conditions?.ready !== false)
  if (ready.length > 0) return ready
  return backends.filter(
    ({ endpoint }) => endpoint.conditions?.serving !== false && endpoint.conditions?.terminating === true,
  )
}
