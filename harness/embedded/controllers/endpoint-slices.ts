/** The pods behind each Service, in EndpointSlices (staging/src/k8s.io/endpointslice). */
import { isEqualJson } from '../store/json.ts'
import type { EndpointSlice, Pod, Service, Stored } from '../store/objects.ts'
import { createNameSuffix } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import { podToEndpoint, shouldPodBeInEndpoints, getEndpointPorts } from './endpoints.ts'
import type { Endpoint, EndpointPort } from './endpoints.ts'
import { newControllerRef } from './ownership.ts'
import { hasLabels } from '../store/label-selector.ts'
import type { Labels } from '../store/label-selector.ts'
import { feedQueue, formatKey, splitKey, startWorkQueue } from './work-queue.ts'
import type { ControllerOptions } from './work-queue.ts'

const serviceLabel = 'kubernetes.io/service-name'
const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
const headlessLabel = 'service.kubernetes.io/headless'
const managedBy = 'endpointslice-controller.k8s.io'
// kube-controller-manager --max-endpoints-per-slice
const maxEndpointsPerSlice = 100

/** Starts the controller. */
export function startEndpointSliceController({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const syncKey = (key: string): undefined => syncService(store, key)
  const queue = stack.use(startWorkQueue({ name: 'endpointslice-controller', sync: syncKey, onError }))
  stack.use(feedQueue(queue, store, 'services', (service) => [formatKey(service)]))
  stack.use(feedQueue(queue, store, 'pods', (pod) => getPodServiceMemberships(store, pod).map(formatKey)))
  stack.use(feedQueue(queue, store, 'endpointslices', getServiceKeys))
  return stack
}

function getPodServiceMemberships(store: Store, pod: Stored<Pod>): Stored<Service>[] {
  return store.list('services', pod.metadata.namespace).filter((service) => selectsPod(service, pod))
}

/** The slices of a Service without a selector are made by other clients. */
function selectsPod({ spec }: Service, pod: Pod): boolean {
  const selector = spec?.selector ?? {}
  return Object.keys(selector).length > 0 && hasLabels(pod.metadata?.labels, selector)
}

/** A slice that another client changed or deleted is restored. */
function getServiceKeys({ metadata }: Stored<EndpointSlice>): string[] {
  const service = metadata.labels?.[serviceLabel]
  return service !== undefined && metadata.labels?.[managedByLabel] === managedBy
    ? [`${metadata.namespace ?? ''}/${service}`]
    : []
}

function syncService(store: Store, key: string): undefined {
  const [namespace, name] = splitKey(key)
  const service = store.get('services', name, namespace)
  const existing = store.list('endpointslices', namespace).filter((slice) => getServiceKeys(slice).includes(key))
  const selected = Object.keys(service?.spec?.selector ?? {}).length > 0 && service?.spec?.type !== 'ExternalName'
  if (!service || !selected || service.metadata.deletionTimestamp !== undefined) {
    for (const slice of existing) store.remove('endpointslices', slice.metadata.name, namespace)
    return
  }
  const wanted = computeEndpoints(store, service)
  const used = new Set<Stored<EndpointSlice>>()
  for (const { ports, endpoints } of wanted) {
    const samePorts = existing.filter((slice) => isEqualJson(slice.ports ?? [], ports) && !used.has(slice))
    for (const slice of samePorts) used.add(slice)
    reconcileSlices(store, service, { ports, endpoints, slices: samePorts })
  }
  for (const slice of existing) {
    if (!used.has(slice)) store.remove('endpointslices', slice.metadata.name, namespace)
  }
}

interface PortGroup {
  ports: EndpointPort[]
  endpoints: Endpoint[]
}

/** Grouped by ports, because a named target port may differ between pods. At least one group: an empty slice. */
function computeEndpoints(store: Store, service: Stored<Service>): PortGroup[] {
  const groups = new Map<string, PortGroup>()
  for (const pod of store.list('pods', service.metadata.namespace)) {
    if (!selectsPod(service, pod) || !shouldPodBeInEndpoints(pod)) continue
    const ports = getEndpointPorts(service, pod)
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    groups.set(key, group)
    group.endpoints.push(podToEndpoint(service, pod, store.get('nodes', pod.spec?.nodeName ?? '')))
  }
  return groups.size > 0 ? [...groups.values()] : [{ ports: [], endpoints: [] }]
}

/** Endpoints stay in their slice; new ones fill free places before another slice is made. */
function reconcileSlices(
  store: Store,
  service: Stored<Service>,
  { ports, endpoints, slices }: PortGroup & { slices: Stored<EndpointSlice>[] },
): void {
  const missing = new Map(endpoints.map((endpoint) => [endpoint.targetRef?.uid, endpoint]))
  const kept = slices.map((slice) => {
    const still = (slice.endpoints ?? []).flatMap(({ targetRef }) => missing.get(targetRef?.uid) ?? [])
    for (const { targetRef } of still) missing.delete(targetRef?.uid)
    return { slice, endpoints: still }
  })
  const added = [...missing.values()]
  for (const each of kept) each.endpoints.push(...added.splice(0, maxEndpointsPerSlice - each.endpoints.length))
  const filled = kept.filter((each, index) => each.endpoints.length > 0 || (endpoints.length === 0 && index === 0))
  for (const { slice, endpoints } of filled) {
    store.update('endpointslices', {
      ...slice,
      metadata: { ...slice.metadata, labels: createSliceLabels(service) },
      endpoints,
    })
  }
  for (const { slice } of kept.filter((each) => !filled.includes(each))) {
    store.remove('endpointslices', slice.metadata.name, service.metadata.namespace)
  }
  while (added.length > 0 || (endpoints.length === 0 && filled.length === 0)) {
    createSlice(store, service, { ports, endpoints: added.splice(0, maxEndpointsPerSlice) })
    if (endpoints.length === 0) return
  }
}

function createSlice(store: Store, service: Stored<Service>, { ports, endpoints }: PortGroup): void {
  const generateName = `${service.metadata.name}-`
  const { namespace = '' } = service.metadata
  store.create('endpointslices', {
    metadata: {
      name: `${generateName}${createNameSuffix()}`,
      generateName,
      namespace,
      labels: createSliceLabels(service),
      ownerReferences: [newControllerRef(service)],
    },
    addressType: 'IPv4',
    endpoints,
    ports,
  })
}

function createSliceLabels({ metadata, spec }: Stored<Service>): Labels {
  return {
    ...metadata.labels,
    ...(spec?.clusterIP === 'None' && { [headlessLabel]: '' }),
    [serviceLabel]: metadata.name,
    [managedByLabel]: managedBy,
  }
}
