/** The other kinds in the form of `kubectl get`: the printers of Kubernetes 1.34. */
import type {
  ConfigMap,
  CoreEvent,
  EndpointSlice,
  Namespace,
  Node,
  PodDisruptionBudget,
  Service,
  Stored,
} from '../store/objects.ts'
import { formatAge } from './human-duration.ts'
import { formatSelector } from '../schema/selector-syntax.ts'
import { parseColumns, formatFirstThree, formatOrNone } from './table-column.ts'
import type { Printer } from './table-column.ts'

type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number]

export const serviceTable: Printer<Stored<Service>> = {
  columns: parseColumns('Name, Type, Cluster-IP, External-IP, Port(s), Age, Selector*'),
  cells: ({ metadata, spec }) => [
    metadata.name,
    spec?.type ?? '',
    formatOrNone(spec?.clusterIPs?.[0] ?? spec?.clusterIP),
    spec?.externalIPs?.join(',') ?? (spec?.type === 'LoadBalancer' ? '<pending>' : '<none>'),
    formatOrNone(spec?.ports?.map(formatPort).join(',')),
    formatAge(metadata.creationTimestamp),
    formatOrNone(formatSelector({ matchLabels: spec?.selector ?? {} })),
  ],
}

function formatPort({ port, nodePort = 0, protocol = 'TCP' }: ServicePort): string {
  return nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`
}

export const endpointSliceTable: Printer<Stored<EndpointSlice>> = {
  columns: parseColumns('Name, AddressType, Ports, Endpoints, Age'),
  cells: ({ metadata, addressType, ports = [], endpoints = [] }) => [
    metadata.name,
    addressType,
    formatFirstThree(ports.map(({ port, name }) => String(port ?? name ?? '*'))),
    formatFirstThree(endpoints.flatMap(({ addresses }) => addresses)),
    formatAge(metadata.creationTimestamp),
  ],
}

export const namespaceTable: Printer<Stored<Namespace>> = {
  columns: parseColumns('Name, Status, Age'),
  cells: ({ metadata, status }) => [metadata.name, status?.phase ?? '', formatAge(metadata.creationTimestamp)],
}

export const configMapTable: Printer<Stored<ConfigMap>> = {
  columns: parseColumns('Name, Data, Age'),
  cells: ({ metadata, data, binaryData }) => [
    metadata.name,
    Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    formatAge(metadata.creationTimestamp),
  ],
}

export const budgetTable: Printer<Stored<PodDisruptionBudget>> = {
  columns: parseColumns('Name, Min Available, Max Unavailable, Allowed Disruptions#, Age'),
  cells: ({ metadata, spec, status }) => [
    metadata.name,
    String(spec?.minAvailable ?? 'N/A'),
    String(spec?.maxUnavailable ?? 'N/A'),
    status?.disruptionsAllowed ?? 0,
    formatAge(metadata.creationTimestamp),
  ],
}

export const nodeTable: Printer<Stored<Node>> = {
  columns: parseColumns(
    'Name, Status, Roles, Age, Version, Internal-IP*, External-IP*, OS-Image*, Kernel-Version*, Container-Runtime*',
  ),
  cells: (node) => {
    const { metadata, status } = node
    const info = status?.nodeInfo
    const formatAddress = (type: string): string =>
      formatOrNone(status?.addresses?.find((one) => one.type === type)?.address)
    return [
      metadata.name,
      formatNodeStatus(node),
      formatOrNone(findNodeLabels(node).join(',')),
      formatAge(metadata.creationTimestamp),
      info?.kubeletVersion ?? '',
      formatAddress('InternalIP'),
      formatAddress('ExternalIP'),
      info?.osImage || '<unknown>',
      info?.kernelVersion || '<unknown>',
      info?.containerRuntimeVersion || '<unknown>',
    ]
  },
}

function formatNodeStatus({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status
  const state = ready === undefined ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady'
  return spec?.unschedulable === true ? `${state},SchedulingDisabled` : state
}

function findNodeLabels({ metadata }: Stored<Node>): string[] {
  const prefix = 'node-role.kubernetes.io/'
  const labels = Object.entries(metadata.labels ?? {})
  const roles = labels.map(([key, value]) => (key === 'kubernetes.io/role' ? value : key.split(prefix)[1]))
  return roles.filter((role): role is string => role !== undefined && role !== '').sort()
}

export const eventTable: Printer<Stored<CoreEvent>> = {
  columns: parseColumns('Last Seen, Type, Reason, Object, Subobject*, Source*, Message, First Seen*, Count*, Name*'),
  cells: ({ metadata, involvedObject, ...event }) => {
    const { source, series, reportingComponent, reportingInstance } = event
    const first = formatAge(event.firstTimestamp ?? event.eventTime)
    const last = series?.lastObservedTime ?? event.lastTimestamp
    const kind = involvedObject.kind?.toLowerCase() ?? ''
    const instance = source?.host || reportingInstance
    const component = source?.component || reportingComponent || ''
    return [
      last === undefined ? first : formatAge(last),
      event.type ?? '',
      event.reason ?? '',
      involvedObject.name ? `${kind}/${involvedObject.name}` : kind,
      involvedObject.fieldPath ?? '',
      instance ? `${component}, ${instance}` : component,
      event.message?.trim() ?? '',
      first,
      series?.count ?? event.count ?? 1,
      metadata.name,
    ]
  },
}
