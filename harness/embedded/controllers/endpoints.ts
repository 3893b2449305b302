/** A pod as an endpoint of a Service (staging/src/k8s.io/endpointslice/utils.go). */
import type { EndpointSlice, Node, Pod, Service, Stored } from '../store/objects.ts'
import { isPodTerminal, isReady, isTerminating } from './pod-state.ts'

export type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]
export type EndpointPort = NonNullable<EndpointSlice['ports']>[number]
type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number]

/** A pod with an address is in a slice until it is gone or has finished, even while it is not ready. */
export function shouldPodBeInEndpoints(pod: Pod): boolean {
  return !isPodTerminal(pod) && Boolean(pod.status?.podIP)
}

/**
 * The three conditions: a terminating pod is never ready, but serving as long as its Ready condition is true.
 * https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions
 */
export function podToEndpoint(service: Service, pod: Stored<Pod>, node: Node | undefined): Endpoint {
  const serving = isReady(pod)
  const terminating = isTerminating(pod)
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating)
  const { name, namespace = '', uid } = pod.metadata
  const zone = node?.metadata?.labels?.['topology.kubernetes.io/zone']
  const { hostname, subdomain, nodeName } = pod.spec ?? {}
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready, serving, terminating },
    ...(hostname !== undefined && subdomain === service.metadata?.name && { hostname }),
    ...(nodeName !== undefined && { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(zone !== undefined && { zone }),
  }
}

/** The Service's ports in this pod; a port whose name no container of the pod has is left out. */
export function getEndpointPorts(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = findPort(pod, port)
    if (number === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = port
    return [{ name, port: number, protocol, ...(appProtocol !== undefined && { appProtocol }) }]
  })
}

function findPort(pod: Pod, { targetPort, port, protocol = 'TCP' }: ServicePort): number | undefined {
  if (targetPort === undefined || targetPort === 0 || targetPort === '') return port
  if (typeof targetPort === 'number') return targetPort
  const sidecars = pod.spec?.initContainers?.filter((container) => container.restartPolicy === 'Always') ?? []
  return [...(pod.spec?.containers ?? []), ...sidecars]
    .flatMap((container) => container.ports ?? [])
    .find((known) => known.name === targetPort && (known.protocol ?? 'TCP') === protocol)?.containerPort
}
