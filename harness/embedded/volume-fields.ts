/** Volumes of a pod, field by field, as the embedded cluster treats them. */
import { enforced, kept, refused, wholly, within } from './pod-field-rules.ts'
import type { FieldTable } from './pod-field-rules.ts'

export const noSecrets =
  'there are no Secrets: unless it is optional the pod waits for one, as on any cluster that has none of this name'
const noStorage = 'there is no storage but the memory of this machine; use an emptyDir or a configMap volume'
const noResourceFields = 'there are no limits to read; write the value itself, or take it from a ConfigMap'

export const fieldSource: FieldTable = {
  fieldRef: wholly(),
  mode: enforced(),
  path: enforced(),
  resourceFieldRef: refused(noResourceFields),
}

/** Removed from Kubernetes or served by drivers, which the embedded cluster does not have. */
const otherStorage = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'ephemeral',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'gitRepo',
  'glusterfs',
  'image',
  'iscsi',
  'nfs',
  'persistentVolumeClaim',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
] as const

export const volumeFields: FieldTable = {
  name: enforced(),
  configMap: wholly('as it is when the pod starts: later changes of the ConfigMap do not reach the volume'),
  downwardAPI: within({ defaultMode: enforced(), items: within(fieldSource) }, 'as the pod is when it starts'),
  emptyDir: within({
    medium: enforced('`Memory` or not, it is in memory', ['', 'Memory']),
    sizeLimit: enforced('a write beyond it fails with ENOSPC, where a kubelet may evict the pod instead'),
  }),
  hostPath: refused('a container sees none of the machine’s files; use an emptyDir or a configMap volume'),
  projected: refused('use a configMap and a downwardAPI volume of their own instead'),
  secret: wholly(noSecrets),
  ...Object.fromEntries(otherStorage.map((name) => [name, refused(noStorage)])),
}

export const volumeMountFields: FieldTable = {
  mountPath: enforced(),
  mountPropagation: refused('nothing is ever mounted into a volume; remove it', ['None']),
  name: enforced(),
  readOnly: enforced(),
  recursiveReadOnly: enforced('a volume has no mounts inside'),
  subPath: enforced(),
  subPathExpr: refused('use subPath with the path itself'),
}

export const environmentFields: FieldTable = {
  name: enforced(),
  value: enforced(),
  valueFrom: within({
    configMapKeyRef: wholly(),
    fieldRef: wholly(),
    fileKeyRef: refused('an alpha feature of Kubernetes 1.34, off unless asked for; use a ConfigMap'),
    resourceFieldRef: refused(noResourceFields),
    secretKeyRef: wholly(noSecrets),
  }),
}

export const environmentFromFields: FieldTable = {
  configMapRef: wholly(),
  prefix: enforced(),
  secretRef: wholly(noSecrets),
}

export const resourceFields: FieldTable = {
  claims: refused('there are no devices to claim; remove it'),
  limits: kept('no limit holds a container: its processor time is not throttled, its memory not taken from it'),
  requests: kept(
    'a request for processor time is a weight where nodrop runs as root; otherwise requests do nothing, and nodes never fill up',
  ),
}
