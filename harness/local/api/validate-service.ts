/** Services: pkg/apis/core/validation of Kubernetes 1.34, and the allocation of cluster IPs. */
import type { Service } from '../objects.ts'
import type { Store } from '../store.ts'
import type { FieldError } from './field-errors.ts'
import { duplicate, forbiddenField, invalid, notSupported, refuseInvalid, required } from './field-errors.ts'
import { nameErrors, portErrors } from './validate-names.ts'

type ServiceSpec = NonNullable<Service['spec']>

/** The embedded cluster has no external names: it refuses what it would not do. */
const types = ['ClusterIP', 'LoadBalancer', 'NodePort']

export function serviceErrors({ spec }: Service, before: Service | undefined): FieldError[] {
  if (!spec) return []
  const errors: FieldError[] = []
  if (!types.includes(spec.type ?? '')) errors.push(notSupported('spec.type', spec.type, types))
  const ports = spec.ports ?? []
  if (ports.length === 0 && spec.clusterIP !== 'None') errors.push(required('spec.ports'))
  ports.forEach((_, index) => errors.push(...servicePortErrors(ports, index, `spec.ports[${index}]`)))
  const policies = ['Cluster']
  if (!policies.includes(spec.externalTrafficPolicy ?? 'Cluster')) {
    errors.push(notSupported('spec.externalTrafficPolicy', spec.externalTrafficPolicy, policies))
  }
  if (spec.type === 'ClusterIP') errors.push(...strayNodePorts(ports))
  const affinities = ['ClientIP', 'None']
  if (!affinities.includes(spec.sessionAffinity ?? '')) {
    errors.push(notSupported('spec.sessionAffinity', spec.sessionAffinity, affinities))
  }
  const old = before?.spec?.clusterIP
  if (old !== undefined && spec.clusterIP !== old) {
    errors.push(invalid('spec.clusterIPs[0]', spec.clusterIP, 'may not change once set'))
  }
  return errors
}

function servicePortErrors(ports: NonNullable<ServiceSpec['ports']>, index: number, field: string): FieldError[] {
  const { name, port, protocol, targetPort } = ports[index] ?? { port: 0 }
  const errors: FieldError[] = []
  if (!name && ports.length > 1) errors.push(required(`${field}.name`))
  if (name) errors.push(...nameErrors(`${field}.name`, name, 'label'))
  if (name && ports.findIndex((one) => one.name === name) < index) errors.push(duplicate(`${field}.name`, name))
  errors.push(...portErrors(`${field}.port`, port))
  const protocols = ['SCTP', 'TCP', 'UDP']
  if (!protocols.includes(protocol ?? '')) errors.push(notSupported(`${field}.protocol`, protocol, protocols))
  errors.push(...portErrors(`${field}.targetPort`, targetPort))
  const same = ports.findIndex((one) => one.port === port && one.protocol === protocol)
  if (same < index) errors.push(duplicate(field, { protocol, port }))
  return errors
}

function strayNodePorts(ports: NonNullable<ServiceSpec['ports']>): FieldError[] {
  return ports.flatMap(({ nodePort = 0 }, index) =>
    nodePort === 0
      ? []
      : [forbiddenField(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")],
  )
}

/** The range of `--service-cluster-ip-range`, as kind and kubeadm have it. */
const range = { prefix: '10.96.', text: '10.96.0.0/16' }

/** Gives a Service the address it asked for, the one it has, or a free one at random, as the API server does. */
export function assignClusterIp(store: Store, service: Service, before: Service | undefined): void {
  const spec = (service.spec ??= {})
  const asked = spec.clusterIP || spec.clusterIPs?.[0] || before?.spec?.clusterIP
  if (asked !== undefined && asked !== before?.spec?.clusterIP && asked !== 'None') refuseUnfit(store, service, asked)
  const ip = asked ?? freeIp(store)
  spec.clusterIP = ip
  spec.clusterIPs = [ip]
  spec.ipFamilies ??= ['IPv4']
  spec.ipFamilyPolicy ??= 'SingleStack'
}

function isTaken(store: Store, ip: string): boolean {
  // The first address of the range is the API's own.
  return ip === `${range.prefix}0.1` || store.list('services').some(({ spec }) => spec?.clusterIP === ip)
}

function freeIp(store: Store): string {
  for (;;) {
    const [high, low] = [random(256), 1 + random(254)]
    const ip = `${range.prefix}${high}.${low}`
    if (!isTaken(store, ip)) return ip
  }
}

function random(below: number): number {
  return Math.floor(Math.random() * below)
}

function refuseUnfit(store: Store, service: Service, ip: string): void {
  const numbers = ip.slice(range.prefix.length).split('.')
  const inRange =
    ip.startsWith(range.prefix) &&
    numbers.length === 2 &&
    numbers.every((one) => /^(0|[1-9]\d{0,2})$/.test(one) && Number(one) < 256)
  const detail = inRange
    ? isTaken(store, ip) && 'provided IP is already allocated'
    : `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${range.text}`
  if (detail === false) return
  const error = invalid('spec.clusterIPs', [ip], `failed to allocate IP ${ip}: ${detail}`)
  refuseInvalid('services', service.metadata?.name ?? '', [error])
}
