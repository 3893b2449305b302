/** Services: pkg/apis/core/validation of Kubernetes 1.34. */
import type { Service } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { duplicateField, forbiddenField, invalidField, notSupportedField, requiredField } from './field-errors.ts'
import { validateIp, validateLabelName, validateLabels, validateName, validatePortNumOrName } from './names.ts'

type ServiceSpec = NonNullable<Service['spec']>

export function validateService({ spec }: Service, before: Service | undefined): FieldError[] {
  if (!spec) return []
  const { type, ports = [], externalName, clusterIP } = spec
  const errors: FieldError[] = []
  if (ports.length === 0 && clusterIP !== 'None' && type !== 'ExternalName') errors.push(requiredField('spec.ports'))
  if (type === 'ExternalName') {
    if (externalName) errors.push(forbiddenField('spec.type', missing))
    else errors.push(requiredField('spec.externalName'))
  }
  if (clusterIP === 'None' && (type === 'LoadBalancer' || type === 'NodePort')) {
    errors.push(invalidField('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`))
  }
  ports.forEach((_, index) => errors.push(...validateServicePort(ports, index, `spec.ports[${index}]`)))
  errors.push(...validateLabels('spec.selector', spec.selector), ...validateSessionAffinity(spec))
  if (clusterIP && clusterIP !== 'None') errors.push(...validateIp('spec.clusterIPs[0]', clusterIP))
  const { clusterIPs: [first] = [] } = spec
  if (clusterIP && first && clusterIP !== first) {
    errors.push(invalidField('spec.clusterIPs', spec.clusterIPs, 'first value must match `clusterIP`'))
  }
  errors.push(...validateExternalIps(spec.externalIPs))
  const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
  if (!types.includes(type ?? '')) errors.push(notSupportedField('spec.type', type, types))
  if (type === 'ClusterIP') errors.push(...forbidNodePorts(ports))
  errors.push(...findDuplicatePorts(ports), ...validateLoadBalancerFields(spec), ...validateTrafficPolicy(spec))
  const old = before?.spec?.clusterIP
  if (old !== undefined && clusterIP !== old) {
    errors.push(invalidField('spec.clusterIPs[0]', clusterIP, 'may not change once set'))
  }
  return errors
}

/** The embedded cluster refuses fields that it does not implement. */
const missing = 'the embedded cluster does not have it'

function validateSessionAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const affinities = ['ClientIP', 'None']
  if (!affinities.includes(sessionAffinity ?? '')) {
    return [notSupportedField('spec.sessionAffinity', sessionAffinity, affinities)]
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds
  if (sessionAffinity === 'None' || seconds === undefined || (seconds > 0 && seconds <= longestAffinity)) return []
  const detail = `must be greater than 0 and less than ${longestAffinity}`
  return [invalidField('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, detail)]
}
const longestAffinity = 86_400

function validateExternalIps(addresses: ServiceSpec['externalIPs'] = []): FieldError[] {
  return addresses.flatMap((ip, index) => {
    const errors = validateIp(`spec.externalIPs[${index}]`, ip)
    if (errors.length > 0 || !/^(127\.|::1$)/.test(ip)) return errors
    return [invalidField(`spec.externalIPs[${index}]`, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')]
  })
}

/** Fields that only a load balancer has. */
function validateLoadBalancerFields({ type, ...spec }: ServiceSpec): FieldError[] {
  if (type === 'LoadBalancer') return []
  const fields = {
    // This spelling is the server's.
    LoadBalancerSourceRanges: (spec.loadBalancerSourceRanges?.length ?? 0) > 0,
    allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts !== undefined,
    loadBalancerClass: spec.loadBalancerClass !== undefined,
  }
  return Object.entries(fields).flatMap(([name, isSet]) =>
    isSet ? [forbiddenField(`spec.${name}`, "may only be used when `type` is 'LoadBalancer'")] : [],
  )
}

function validateTrafficPolicy(spec: ServiceSpec): FieldError[] {
  const policies = ['Cluster', 'Local']
  const { type, externalTrafficPolicy: outer, internalTrafficPolicy: inner = 'Cluster' } = spec
  const isReachable = type === 'LoadBalancer' || type === 'NodePort' || (spec.externalIPs?.length ?? 0) > 0
  const errors: FieldError[] = []
  if (outer && !isReachable) {
    errors.push(invalidField('spec.externalTrafficPolicy', outer, 'may only be set for externally-accessible services'))
  } else if (outer && !policies.includes(outer)) {
    errors.push(notSupportedField('spec.externalTrafficPolicy', outer, policies))
  } else if (outer === 'Local') errors.push(forbiddenField('spec.externalTrafficPolicy', missing))
  if (!policies.includes(inner)) errors.push(notSupportedField('spec.internalTrafficPolicy', inner, policies))
  else if (inner === 'Local') errors.push(forbiddenField('spec.internalTrafficPolicy', missing))
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
  const { trafficDistribution: distribution } = spec
  if (distribution !== undefined && !distributions.includes(distribution)) {
    errors.push(notSupportedField('spec.trafficDistribution', distribution, distributions))
  }
  return errors
}

function validateServicePort(ports: NonNullable<ServiceSpec['ports']>, index: number, field: string): FieldError[] {
  const { name, port, protocol, targetPort, appProtocol } = ports[index] ?? { port: 0 }
  const errors: FieldError[] = []
  if (!name && ports.length > 1) errors.push(requiredField(`${field}.name`))
  if (name) errors.push(...validateName(`${field}.name`, name, 'label'))
  if (name && ports.findIndex((one) => one.name === name) < index) errors.push(duplicateField(`${field}.name`, name))
  errors.push(...validatePortNumOrName(`${field}.port`, port))
  const protocols = ['SCTP', 'TCP', 'UDP']
  if (!protocols.includes(protocol ?? '')) errors.push(notSupportedField(`${field}.protocol`, protocol, protocols))
  errors.push(...validatePortNumOrName(`${field}.targetPort`, targetPort))
  return appProtocol === undefined ? errors : [...errors, ...validateLabelName(`${field}.appProtocol`, appProtocol)]
}

function findDuplicatePorts(ports: NonNullable<ServiceSpec['ports']>): FieldError[] {
  return ports.flatMap(({ port, protocol }, index) => {
    if (ports.findIndex((one) => one.port === port && one.protocol === protocol) === index) return []
    // In the form of the server's internal structure.
    const key = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
    return [duplicateField(`spec.ports[${index}]`, key)]
  })
}

function forbidNodePorts(ports: NonNullable<ServiceSpec['ports']>): FieldError[] {
  return ports.flatMap(({ nodePort = 0 }, index) =>
    nodePort === 0
      ? []
      : [forbiddenField(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")],
  )
}
