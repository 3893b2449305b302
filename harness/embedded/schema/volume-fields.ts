/** How the embedded cluster treats each field of a pod's volumes. */
import { enforcedField, keptField, refusedField, enforcedSubtree, nestedFields } from './pod-field-rules.ts'
import type { FieldTable } from './pod-field-rules.ts'

export const noSecrets =
  'there are no Secrets: unless it is optional the pod waits for one, as on any cluster that has none of this name'
const noStorage = 'there is no storage but the memory of this machine; use an emptyDir or a configMap volume'
const noResourceFields = 'there are no limits to read; write the value itself, or take it from a ConfigMap'

export const fieldSource: FieldTable = {
  fieldRef: enforcedSubtree(),
  mode: enforcedField(),
  path: enforcedField(),
  resourceFieldRef: refusedField(noResourceFields),
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
  name: enforcedField(),
  configMap: enforcedSubtree('as it is when the pod starts: later changes of the ConfigMap do not reach the volume'),
  downwardAPI: nestedFields(
    { defaultMode: enforcedField(), items: nestedFields(fieldSource) },
    'as the pod is when it starts',
  ),
  emptyDir: nestedFields({
    medium: enforcedField('`Memory` or not, it is in memory', ['', 'Memory']),
    sizeLimit: enforcedField('a write beyond it fails with ENOSPC, where a kubelet may evict the pod instead'),
  }),
  hostPath: refusedField('a container sees none of the machine’s files; use an emptyDir or a configMap volume'),
  projected: refusedField('use a configMap and a downwardAPI volume of their own instead'),
  secret: enforcedSubtree(noSecrets),
  ...Object.fromEntries(otherStorage.map((name) => [name, refusedField(noStorage)])),
}

export const volumeMountFields: FieldTable = {
  mountPath: enforcedField(),
  mountPropagation: refusedField('nothing is ever mounted into a volume; remove it', ['None']),
  name: enforcedField(),
  readOnly: enforcedField(),
  recursiveReadOnly: enforcedField('a volume has no mounts inside'),
  subPath: enforcedField(),
  subPathExpr: refusedField('use subPath with the path itself'),
}

export const environmentFields: FieldTable = {
  name: enforcedField(),
  value: enforcedField(),
  valueFrom: nestedFields({
    configMapKeyRef: enforcedSubtree(),
    fieldRef: enforcedSubtree(),
    fileKeyRef: refusedField('an alpha feature of Kubernetes 1.34, off unless asked for; use a ConfigMap'),
    resourceFieldRef: refusedField(noResourceFields),
    secretKeyRef: enforcedSubtree(noSecrets),
  }),
}

export const environmentFromFields: FieldTable = {
  configMapRef: enforcedSubtree(),
  prefix: enforcedField(),
  secretRef: enforcedSubtree(noSecrets),
}

export const resourceFields: FieldTable = {
  claims: refusedField('there are no devices to claim; remove it'),
  limits: keptField('no limit holds a container: its processor time is not throttled, its memory not taken from it'),
  requests: keptField(
    'a request for processor time is a weight where nodrop runs as root; otherwise requests do nothing, and nodes never fill up',
  ),
}
