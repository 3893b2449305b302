/** Containers of a pod, field by field, as the embedded cluster treats them. */
import { enforced, kept, refused, wholly, within } from './pod-field-rules.ts'
import type { FieldTable } from './pod-field-rules.ts'
import { environmentFields, environmentFromFields, resourceFields, volumeMountFields } from './volume-fields.ts'

/** Added to what a container runtime gives by default; what they allow ends at the pod's own namespaces. */
const moreCapabilities = ['NET_ADMIN', 'IPC_LOCK', 'IPC_OWNER', 'LEASE', 'SYS_NICE', 'SYS_PTRACE', 'SYS_RESOURCE']
/** What containerd leaves to a container's root (containerd, pkg/oci/spec.go, `defaultUnixCaps`). */
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
  localhostProfile: refused('profiles of nodes are not there; remove it'),
  type: kept(noAppArmor, { only: ['RuntimeDefault', 'Unconfined'] }),
}
export const seccompFields: FieldTable = {
  localhostProfile: refused('profiles of nodes are not there; use type RuntimeDefault'),
  type: enforced(
    'every container runs under the filter of RuntimeDefault, also where none or Unconfined is asked for',
    ['RuntimeDefault', 'Unconfined'],
  ),
}
export const noSelinux = 'SELinux labels are not set'
export const noWindows = 'nodes run Linux; remove it'

export const containerSecurityFields: FieldTable = {
  allowPrivilegeEscalation: enforced('no_new_privs is set for every container, also where this is true'),
  appArmorProfile: within(appArmorFields),
  capabilities: within({
    add: enforced('others reach beyond the container; remove them', [...defaultCapabilities, ...moreCapabilities]),
    drop: enforced(),
  }),
  privileged: refused('a container is confined whatever it asks for; remove it and add single capabilities', [false]),
  procMount: refused('/proc is masked in every container; remove it', ['Default']),
  readOnlyRootFilesystem: enforced(),
  runAsGroup: enforced(),
  runAsNonRoot: enforced(),
  runAsUser: enforced(),
  seLinuxOptions: kept(noSelinux),
  seccompProfile: within(seccompFields),
  windowsOptions: refused(noWindows),
}

const probe: FieldTable = {
  exec: wholly(),
  failureThreshold: enforced(),
  grpc: refused('use an exec, httpGet or tcpSocket probe'),
  httpGet: wholly(),
  initialDelaySeconds: enforced(),
  periodSeconds: enforced(),
  successThreshold: enforced(),
  tcpSocket: wholly(),
  terminationGracePeriodSeconds: enforced(),
  timeoutSeconds: enforced(),
}
const hook: FieldTable = {
  exec: wholly(),
  httpGet: wholly(),
  sleep: wholly(),
  tcpSocket: wholly('such a hook fails when it is run, as in Kubernetes'),
}
const port: FieldTable = {
  containerPort: enforced(),
  hostIP: refused('nodes take no connections for a container; use a Service of type NodePort', ['']),
  hostPort: refused('nodes take no connections for a container; use a Service of type NodePort', [0]),
  name: enforced(),
  protocol: enforced('TCP; of other protocols a Service passes nothing on'),
}

const noTerminal = 'nobody can attach to a container, and its standard input is empty; remove it'

export const containerFields: FieldTable = {
  args: enforced(),
  command: enforced(),
  env: within(environmentFields),
  envFrom: within(environmentFromFields),
  image: enforced('the tag `dev` of an image that has a Dockerfile below apps/; no other is there'),
  imagePullPolicy: enforced('nothing is pulled: what is there is used, also with Always'),
  lifecycle: within({
    postStart: within(hook),
    preStop: within(hook),
    stopSignal: enforced('also without the feature gate that it needs in 1.34'),
  }),
  livenessProbe: within(probe),
  name: enforced(),
  ports: within(port),
  readinessProbe: within(probe),
  resizePolicy: kept('a container’s resources cannot be changed while it runs'),
  resources: within(resourceFields),
  restartPolicy: enforced(
    'Always, of an init container; otherwise it is dropped, as by the API server of 1.34 without its feature gate',
  ),
  restartPolicyRules: refused('an alpha feature of Kubernetes 1.34, off unless asked for; remove it'),
  securityContext: within(containerSecurityFields),
  startupProbe: within(probe),
  stdin: refused(noTerminal, [false]),
  stdinOnce: refused(noTerminal, [false]),
  terminationMessagePath: kept('no message is read from it', { usual: ['/dev/termination-log'] }),
  terminationMessagePolicy: kept('the status of a container that has ended has no message', { usual: ['File'] }),
  tty: refused(noTerminal, [false]),
  volumeDevices: refused('there are no block devices; use volumeMounts'),
  volumeMounts: within(volumeMountFields),
  workingDir: enforced(),
}
