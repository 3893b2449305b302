/**
 * How the embedded cluster treats each field of a pod's spec. Its API server accepts pods by this table; `nodrop doctor`,
 * docs/pod-fields.md and the report list it.
 */
import { appArmorFields, containerFields, noSelinux, noWindows, seccompFields } from './container-fields.ts'
import { enforcedField, keptField, refusedField, enforcedSubtree, nestedFields } from './pod-field-rules.ts'
import type { FieldTable } from './pod-field-rules.ts'
import { resourceFields, volumeFields } from './volume-fields.ts'

/**
 * Sysctls of the network that a kubelet allows by default:
 * https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls
 */
export const safeSysctls: readonly string[] = [
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]

const oneGroupUnlessRoot = 'where nodrop does not run as root a container has one group, and the others are left out'

const securityFields: FieldTable = {
  appArmorProfile: nestedFields(appArmorFields),
  fsGroup: enforcedField(oneGroupUnlessRoot),
  fsGroupChangePolicy: enforcedField('every volume is new'),
  runAsGroup: enforcedField(),
  runAsNonRoot: enforcedField(),
  runAsUser: enforcedField(),
  seLinuxChangePolicy: keptField(noSelinux),
  seLinuxOptions: keptField(noSelinux),
  seccompProfile: nestedFields(seccompFields),
  supplementalGroups: enforcedField(oneGroupUnlessRoot),
  supplementalGroupsPolicy: enforcedField(),
  sysctls: nestedFields({
    name: enforcedField('a kubelet starts no pod with other sysctls unless it is told to; remove it', safeSysctls),
    value: enforcedField(),
  }),
  windowsOptions: refusedField(noWindows),
}

const noPreference = 'a preference does not count when a node is chosen'
const podAffinityTerm: FieldTable = {
  labelSelector: enforcedSubtree(),
  matchLabelKeys: refusedField('write the labels into the labelSelector'),
  mismatchLabelKeys: refusedField('write the labels into the labelSelector'),
  namespaceSelector: nestedFields(
    { matchExpressions: refusedField('name the namespaces'), matchLabels: refusedField('name the namespaces') },
    'an empty one is every namespace',
  ),
  namespaces: enforcedField(),
  topologyKey: enforcedField(),
}
const podAffinity: FieldTable = {
  preferredDuringSchedulingIgnoredDuringExecution: keptField(noPreference),
  requiredDuringSchedulingIgnoredDuringExecution: nestedFields(podAffinityTerm),
}
const affinityFields: FieldTable = {
  nodeAffinity: nestedFields({
    preferredDuringSchedulingIgnoredDuringExecution: keptField(noPreference),
    requiredDuringSchedulingIgnoredDuringExecution: enforcedSubtree(),
  }),
  podAffinity: nestedFields(podAffinity),
  podAntiAffinity: nestedFields(podAffinity),
}
const spreadFields: FieldTable = {
  labelSelector: enforcedSubtree(),
  matchLabelKeys: enforcedField(),
  maxSkew: enforcedField(),
  minDomains: enforcedField(),
  nodeAffinityPolicy: enforcedField('Ignore is not; remove it', ['Honor']),
  nodeTaintsPolicy: enforcedField('Honor is not; remove it', ['Ignore']),
  topologyKey: enforcedField(),
  whenUnsatisfiable: enforcedField(),
}

const noNames = 'there is no name server: containers resolve what stands in /etc/hosts'
const oneAccount = 'there are no service accounts but `default`; remove it'
const builtInPriorityClasses = ['', 'system-node-critical', 'system-cluster-critical']
const noHostNamespaces = 'a pod has namespaces of its own; remove it'
const noSuchClasses = 'there are no classes of this kind; remove it'

export const podFields: FieldTable = {
  activeDeadlineSeconds: refusedField('a pod is not ended by time; use activeDeadlineSeconds of a Job'),
  affinity: nestedFields(affinityFields),
  automountServiceAccountToken: keptField('no token is mounted', { usual: [false] }),
  containers: nestedFields(containerFields),
  dnsConfig: keptField(noNames),
  dnsPolicy: keptField(noNames, { usual: ['ClusterFirst'] }),
  enableServiceLinks: keptField('no environment variables are made for Services', { usual: [true, false] }),
  ephemeralContainers: refusedField('they cannot be set when a pod is created, in Kubernetes neither; remove them'),
  hostAliases: enforcedSubtree(),
  hostIPC: refusedField(noHostNamespaces, [false]),
  hostNetwork: refusedField(noHostNamespaces, [false]),
  hostPID: refusedField(noHostNamespaces, [false]),
  hostUsers: keptField('a pod has no user namespace of its own', { usual: [true] }),
  hostname: enforcedField(),
  hostnameOverride: refusedField('an alpha feature of Kubernetes 1.34, off unless asked for; use hostname'),
  imagePullSecrets: keptField('nothing is pulled'),
  initContainers: nestedFields(containerFields),
  nodeName: enforcedField(),
  nodeSelector: enforcedSubtree(),
  os: nestedFields({ name: enforcedField(noWindows, ['linux']) }),
  overhead: refusedField(noSuchClasses),
  preemptionPolicy: enforcedField('as its priority class says; no pod is ever removed in favour of another'),
  priority: enforcedField('as its priority class says'),
  priorityClassName: enforcedField(
    'there are only the classes that every cluster has; remove it',
    builtInPriorityClasses,
  ),
  readinessGates: enforcedSubtree(),
  resourceClaims: refusedField('there are no devices to claim; remove it'),
  resources: nestedFields(resourceFields),
  restartPolicy: enforcedField(),
  runtimeClassName: refusedField(noSuchClasses),
  schedulerName: enforcedField('a pod with another scheduler than the default one waits for it for ever'),
  schedulingGates: enforcedSubtree(),
  schedulingGroup: refusedField('it is not in Kubernetes 1.34; remove it'),
  securityContext: nestedFields(securityFields),
  serviceAccount: enforcedField(oneAccount, ['', 'default']),
  serviceAccountName: enforcedField(oneAccount, ['', 'default']),
  setHostnameAsFQDN: refusedField(noNames, [false]),
  shareProcessNamespace: refusedField('every container has processes of its own; remove it', [false]),
  subdomain: enforcedField(`in /etc/hosts and the endpoints of Services; ${noNames}`),
  terminationGracePeriodSeconds: enforcedField(),
  tolerations: enforcedSubtree(),
  topologySpreadConstraints: nestedFields(spreadFields),
  volumes: nestedFields(volumeFields),
}
