/** How the embedded cluster treats each field of a pod's containers. */
import { enforcedField, keptField, refusedField, enforcedSubtree, nestedFields } from './pod-field-rules.ts'
import type { FieldTable } from './pod-field-rules.ts'
import { environmentFields, environmentFromFields, resourceFields, volumeMountFields } from './volume-fields.ts'

/** May be added to a container runtime's default; their effect is limited to the pod's own namespaces. */
const moreCapabilities = ['NET_ADMIN', 'IPC_LOCK', 'IPC_OWNER', 'LEASE', 'SYS_NICE', 'SYS_PTRACE', 'SYS_RESOURCE']
/** The capabilities that containerd leaves to a container's root (containerd, pkg/oci/spec.go, `defaultUnixCaps`). */
export const defaultCapabilities: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
]

const noAppArmor = 'no AppArmor profile is loaded'
export const appArmorFields: FieldTable = {
  localhostProfile: refusedField('profiles of nodes are not there; remove it'),
  type: keptField(noAppArmor, { only: ['RuntimeDefault', 'Unconfined'] }),
}
export const seccompFields: FieldTable = {
  localhostProfile: refusedField('profiles of nodes are not there; use type RuntimeDefault'),
  type: enforcedField(
    'every container runs under the filter of RuntimeDefault, also where none or Unconfined is asked for',
    ['RuntimeDefault', 'Unconfined'],
  ),
}
export const noSelinux = 'SELinux labels are not set'
export const noWindows = 'nodes run Linux; remove it'

export const containerSecurityFields: FieldTable = {
  allowPrivilegeEscalation: enforcedField('no_new_privs is set for every container, also where this is true'),
  appArmorProfile: nestedFields(appArmorFields),
  capabilities: nestedFields({
    add: enforcedField('others reach beyond the container; remove them', [...defaultCapabilities, ...moreCapabilities]),
    drop: enforcedField(),
  }),
  privileged: refusedField('a container is confined whatever it asks for; remove it and add single capabilities', [
    false,
  ]),
  procMount: refusedField('/proc is masked in every container; remove it', ['Default']),
  readOnlyRootFilesystem: enforcedField(),
  runAsGroup: enforcedField(),
  runAsNonRoot: enforcedField(),
  runAsUser: enforcedField(),
  seLinuxOptions: keptField(noSelinux),
  seccompProfile: nestedFields(seccompFields),
  windowsOptions: refusedField(noWindows),
}

const probeFields: FieldTable = {
  exec: enforcedSubtree(),
  failureThreshold: enforcedField(),
  grpc: enforcedSubtree(),
  httpGet: enforcedSubtree(),
  initialDelaySeconds: enforcedField(),
  periodSeconds: enforcedField(),
  successThreshold: enforcedField(),
  tcpSocket: enforcedSubtree(),
  terminationGracePeriodSeconds: enforcedField(),
  timeoutSeconds: enforcedField(),
}
const hookFields: FieldTable = {
  exec: enforcedSubtree(),
  httpGet: enforcedSubtree(),
  sleep: enforcedSubtree(),
  tcpSocket: enforcedSubtree('such a hook fails when it is run, as in Kubernetes'),
}
const portFields: FieldTable = {
  containerPort: enforcedField(),
  hostIP: refusedField('nodes take no connections for a container; use a Service of type NodePort', ['']),
  hostPort: refusedField('nodes take no connections for a container; use a Service of type NodePort', [0]),
  name: enforcedField(),
  protocol: enforcedField('TCP; of other protocols a Service passes nothing on'),
}

const noTerminal = 'nobody can attach to a container, and its standard input is empty; remove it'

export const containerFields: FieldTable = {
  args: enforcedField(),
  command: enforcedField(),
  env: nestedFields(environmentFields),
  envFrom: nestedFields(environmentFromFields),
  image: enforcedField('the tag `dev` of an image that has a Dockerfile below apps/; no other is there'),
  imagePullPolicy: enforcedField('nothing is pulled: what is there is used, also with Always'),
  lifecycle: nestedFields({
    postStart: nestedFields(hookFields),
    preStop: nestedFields(hookFields),
    stopSignal: enforcedField('also without the feature gate that it needs in 1.34'),
  }),
  livenessProbe: nestedFields(probeFields),
  name: enforcedField(),
  ports: nestedFields(portFields),
  readinessProbe: nestedFields(probeFields),
  resizePolicy: keptField('a container’s resources cannot be changed while it runs'),
  resources: nestedFields(resourceFields),
  restartPolicy: enforcedField(
    'Always, of an init container; otherwise it is dropped, as by the API server of 1.34 without its feature gate',
  ),
  restartPolicyRules: refusedField('an alpha feature of Kubernetes 1.34, off unless asked for; remove it'),
  securityContext: nestedFields(containerSecurityFields),
  startupProbe: nestedFields(probeFields),
  stdin: refusedField(noTerminal, [false]),
  stdinOnce: refusedField(noTerminal, [false]),
  terminationMessagePath: keptField('no message is read from it', { usual: ['/dev/termination-log'] }),
  terminationMessagePolicy: keptField('the status of a container that has ended has no message', { usual: ['File'] }),
  tty: refusedField(noTerminal, [false]),
  volumeDevices: refusedField('there are no block devices; use volumeMounts'),
  volumeMounts: nestedFields(volumeMountFields),
  workingDir: enforcedField(),
}
