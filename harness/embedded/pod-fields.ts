/**
 * What the embedded cluster does with each field of a pod's spec. Its API server accepts pods by this table, `nodrop doctor`,
 * docs/pod-fields.md and the report tell of it.
 */
import { appArmorFields, containerFields, noSelinux, noWindows, seccompFields } from './container-fields.ts'
import { enforced, kept, refused, wholly, within } from './pod-field-rules.ts'
import type { FieldTable } from './pod-field-rules.ts'
import { resourceFields, volumeFields } from './volume-fields.ts'

/** Of the network, those that a kubelet allows by default: https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls */
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

const oneGroup = 'where nodrop does not run as root a container has one group, and the others are left out'

const securityFields: FieldTable = {
  appArmorProfile: within(appArmorFields),
  fsGroup: enforced(oneGroup),
  fsGroupChangePolicy: enforced('every volume is new'),
  runAsGroup: enforced(),
  runAsNonRoot: enforced(),
  runAsUser: enforced(),
  seLinuxChangePolicy: kept(noSelinux),
  seLinuxOptions: kept(noSelinux),
  seccompProfile: within(seccompFields),
  supplementalGroups: enforced(oneGroup),
  supplementalGroupsPolicy: enforced(),
  sysctls: within({
    name: enforced('a kubelet starts no pod with other sysctls unless it is told to; remove it', safeSysctls),
    value: enforced(),
  }),
  windowsOptions: refused(noWindows),
}

const noPreference = 'a preference does not count when a node is chosen'
const podAffinityTerm: FieldTable = {
  labelSelector: wholly(),
  matchLabelKeys: refused('write the labels into the labelSelector'),
  mismatchLabelKeys: refused('write the labels into the labelSelector'),
  namespaceSelector: within(
    { matchExpressions: refused('name the namespaces'), matchLabels: refused('name the namespaces') },
    'an empty one is every namespace',
  ),
  namespaces: enforced(),
  topologyKey: enforced(),
}
const podAffinity: FieldTable = {
  preferredDuringSchedulingIgnoredDuringExecution: kept(noPreference),
  requiredDuringSchedulingIgnoredDuringExecution: within(podAffinityTerm),
}
const affinityFields: FieldTable = {
  nodeAffinity: within({
    preferredDuringSchedulingIgnoredDuringExecution: kept(noPreference),
    requiredDuringSchedulingIgnoredDuringExecution: wholly(),
  }),
  podAffinity: within(podAffinity),
  podAntiAffinity: within(podAffinity),
}
const spreadFields: FieldTable = {
  labelSelector: wholly(),
  matchLabelKeys: enforced(),
  maxSkew: enforced(),
  minDomains: enforced(),
  nodeAffinityPolicy: enforced('Ignore is not; remove it', ['Honor']),
  nodeTaintsPolicy: enforced('Honor is not; remove it', ['Ignore']),
  topologyKey: enforced(),
  whenUnsatisfiable: enforced(),
}

const noNames = 'there is no name server: containers resolve what stands in /etc/hosts'
const oneAccount = 'there are no service accounts but `default`; remove it'
const builtInPriorityClasses = ['', 'system-node-critical', 'system-cluster-critical']
const ofTheMachine = 'a pod has namespaces of its own; remove it'
const ofItsClass = 'there are no classes of this kind; remove it'

export const podFields: FieldTable = {
  activeDeadlineSeconds: refused('a pod is not ended by time; use activeDeadlineSeconds of a Job'),
  affinity: within(affinityFields),
  automountServiceAccountToken: kept('no token is mounted', { usual: [false] }),
  containers: within(containerFields),
  dnsConfig: kept(noNames),
  dnsPolicy: kept(noNames, { usual: ['ClusterFirst'] }),
  enableServiceLinks: kept('no environment variables are made for Services', { usual: [true, false] }),
  ephemeralContainers: refused('they cannot be set when a pod is created, in Kubernetes neither; remove them'),
  hostAliases: wholly(),
  hostIPC: refused(ofTheMachine, [false]),
  hostNetwork: refused(ofTheMachine, [false]),
  hostPID: refused(ofTheMachine, [false]),
  hostUsers: kept('a pod has no user namespace of its own', { usual: [true] }),
  hostname: enforced(),
  hostnameOverride: refused('an alpha feature of Kubernetes 1.34, off unless asked for; use hostname'),
  imagePullSecrets: kept('nothing is pulled'),
  initContainers: within(containerFields),
  nodeName: enforced(),
  nodeSelector: wholly(),
  os: within({ name: enforced(noWindows, ['linux']) }),
  overhead: refused(ofItsClass),
  preemptionPolicy: enforced('as its priority class says; no pod is ever removed in favour of another'),
  priority: enforced('as its priority class says'),
  priorityClassName: enforced('there are only the classes that every cluster has; remove it', builtInPriorityClasses),
  readinessGates: wholly(),
  resourceClaims: refused('there are no devices to claim; remove it'),
  resources: within(resourceFields),
  restartPolicy: enforced(),
  runtimeClassName: refused(ofItsClass),
  schedulerName: enforced('a pod with another scheduler than the default one waits for it for ever'),
  schedulingGates: wholly(),
  schedulingGroup: refused('it is not in Kubernetes 1.34; remove it'),
  securityContext: within(securityFields),
  serviceAccount: enforced(oneAccount, ['', 'default']),
  serviceAccountName: enforced(oneAccount, ['', 'default']),
  setHostnameAsFQDN: refused(noNames, [false]),
  shareProcessNamespace: refused('every container has processes of its own; remove it', [false]),
  subdomain: enforced(`in /etc/hosts and the endpoints of Services; ${noNames}`),
  terminationGracePeriodSeconds: enforced(),
  tolerations: wholly(),
  topologySpreadConstraints: within(spreadFields),
  volumes: within(volumeFields),
}
