/** Services: pkg/apis/core/validation of Kubernetes 1.34. */
import type { Service } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { duplicate, forbiddenField, invalid, notSupported, required } from './field-errors.ts'
import { addressErrors, keyErrors, labelErrors, nameErrors, portErrors } from './names.ts'

type ServiceSpec = NonNullable<Service['spec']>

export function serviceErrors({ spec }: Service, before: Service | undefined): FieldError[] {
  if (!spec) return []
  const { type, ports = [], externalName, clusterIP } = spec
  const errors: FieldError[] = []
  if (ports.length === 0 && clusterIP !== 'None' && type !== 'ExternalName') errors.push(required('spec.ports'))
  if (type === 'ExternalName') {
    if (externalName) errors.push(forbiddenField('spec.type', missing))
    else errors.push(required('spec.externalName'))
  }
  if (clusterIP === 'None' && (type === 'LoadBalancer' || type === 'NodePort')) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`))
  }
  ports.forEach((_, index) => errors.push(...servicePortErrors(ports, index, `spec.ports[${index}]`)))
  errors.push(...labelErrors('spec.selector', spec.selector), ...affinityErrors(spec))
  if (clusterIP && clusterIP !== 'None') errors.push(...addressErrors('spec.clusterIPs[0]', clusterIP))
  const { clusterIPs: [first] = [] } = spec
  if (clusterIP && first && clusterIP !== first) {
    errors.push(invalid('spec.clusterIPs', spec.clusterIPs, 'first value must match `clusterIP`'))
  }
  errors.push(...externalAddressErrors(spec.externalIPs))
  const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
  if (!types.includes(type ?? '')) errors.push(notSupported('spec.type', type, types))
  if (type === 'ClusterIP') errors.push(...strayNodePorts(ports))
  errors.push(...repeatedPorts(ports), ...loadBalancerErrors(spec), ...trafficPolicyErrors(spec))
  const old = before?.spec?.clusterIP
  if (old !== undefined && clusterIP !== old) {
    errors.push(invalid('spec.clusterIPs[0]', clusterIP, 'may not change once set'))
  }
  return errors
}

/** The embedded cluster refuses what it would not do. */
const missing = 'the embedded cluster does not have it'

function affinityErrors({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const affinities = ['ClientIP', 'None']
  if (!affinities.includes(sessionAffinity ?? '')) {
    return [notSupported('spec.sessionAffinity', sessionAffinity, affinities)]
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds
  if (sessionAffinity === 'None' || seconds === undefined || (seconds > 0 && seconds <= longestAffinity)) return []
  const detail = `must be greater than 0 and less than ${longestAffinity}`
  return [invalid('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, detail)]
}
const longestAffinity = 86_400

function externalAddressErrors(addresses: ServiceSpec['externalIPs'] = []): FieldError[] {
  return addresses.flatMap((ip, index) => {
    const errors = addressErrors(`spec.externalIPs[${index}]`, ip)
    if (errors.length > 0 || !/^(127\.|::1$)/.test(ip)) return errors
    return [invalid(`spec.externalIPs[${index}]`, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')]
  })
}

/** Fields that only a load balancer has. */
function loadBalancerErrors({ type, ...spec }: ServiceSpec): FieldError[] {
  if (type === 'LoadBalancer') return []
  const fields = {
    // So it is written there.
    LoadBalancerSourceRanges: (spec.loadBalancerSourceRanges?.length ?? 0) > 0,
    allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts !== undefined,
    loadBalancerClass: spec.loadBalancerClass !== undefined,
  }
  return Object.entries(fields).flatMap(([name, isSet]) =>
    isSet ? [forbiddenField(`spec.${name}`, "may only be used when `type` is 'LoadBalancer'")] : [],
  )
}

function trafficPolicyErrors(spec: ServiceSpec): FieldError[] {
  const policies = ['Cluster', 'Local']
  const { type, externalTrafficPolicy: outer, internalTrafficPolicy: inner = 'Cluster' } = spec
  const isReachable = type === 'LoadBalancer' || type === 'NodePort' || (spec.externalIPs?.length ?? 0) > 0
  const errors: FieldError[] = []
  if (outer && !isReachable) {
    errors.push(invalid('spec.externalTrafficPolicy', outer, 'may only be set for externally-accessible services'))
  } else if (outer && !policies.includes(outer)) {
    errors.push(notSupported('spec.externalTrafficPolicy', outer, policies))
  } else if (outer === 'Local') errors.push(forbiddenField('spec.externalTrafficPolicy', missing))
  if (!policies.includes(inner)) errors.push(notSupported('spec.internalTrafficPolicy', inner, policies))
  else if (inner === 'Local') errors.push(forbiddenField('spec.internalTrafficPolicy', missing))
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
  const { trafficDistribution: distribution } = spec
  if (distribution !== undefined && !distributions.includes(distribution)) {
    errors.push(notSupported('spec.trafficDistribution', distribution, distributions))
  }
  return errors
}

function servicePortErrors(ports: NonNullable<ServiceSpec['ports']>, index: number, field: string): FieldError[] {
  const { name, port, protocol, targetPort, appProtocol } = ports[index] ?? { port: 0 }
  const errors: FieldError[] = []
  if (!name && ports.length > 1) errors.push(required(`${field}.name`))
  if (name) errors.push(...nameErrors(`${field}.name`, name, 'label'))
  if (name && ports.findIndex((one) => one.name === name) < index) errors.push(duplicate(`${field}.name`, name))
  errors.push(...portErrors(`${field}.port`, port))
  const protocols = ['SCTP', 'TCP', 'UDP']
  if (!protocols.includes(protocol ?? '')) errors.push(notSupported(`${field}.protocol`, protocol, protocols))
  errors.push(...portErrors(`${field}.targetPort`, targetPort))
  return appProtocol === undefined ? errors : [...errors, ...keyErrors(`${field}.appProtocol`, appProtocol)]
}

function repeatedPorts(ports: NonNullable<ServiceSpec['ports']>): FieldError[] {
  return ports.flatMap(({ port, protocol }, index) => {
    if (ports.findIndex((one) => one.port === port && one.protocol === protocol) === index) return []
    // As the server's own structure has it.
    const key = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
    return [duplicate(`spec.ports[${index}]`, key)]
  })
}

function strayNodePorts(ports: NonNullable<ServiceSpec['ports']>): FieldError[] {
  return ports.flatMap(({ nodePort = 0 }, index) =>
    nodePort === 0
      ? []
      : [forbiddenField(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")],
  )
}
