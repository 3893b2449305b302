/** Volumes and their mounts in containers. */
import type { Container, PodSpec } from '../store/objects.ts'
import { parseQuantity } from '../store/quantity.ts'
import type { FieldError } from './field-errors.ts'
import {
  duplicateField,
  forbiddenField,
  invalidField,
  notFoundField,
  notSupportedField,
  requiredField,
} from './field-errors.ts'
import { validateObjectFieldSelector, volumeFieldPaths, validateContainerResourceFieldSelector } from './environment.ts'
import { validateName } from './names.ts'

type Volume = NonNullable<PodSpec['volumes']>[number]
type KeyToPath = NonNullable<NonNullable<Volume['configMap']>['items']>[number]
type DownwardItem = NonNullable<NonNullable<Volume['downwardAPI']>['items']>[number]
type Mount = NonNullable<Container['volumeMounts']>[number]

export function validateVolumes(field: string, volumes: PodSpec['volumes'] = []): FieldError[] {
  const sound = new Set<string>()
  return volumes.flatMap((volume, index) => {
    const path = `${field}[${index}]`
    const errors = validateVolumeSource(path, volume)
    errors.push(...(volume.name ? validateName(`${path}.name`, volume.name, 'label') : [requiredField(`${path}.name`)]))
    if (sound.has(volume.name)) errors.push(duplicateField(`${path}.name`, volume.name))
    if (errors.length === 0) sound.add(volume.name)
    return errors
  })
}

/** Names of the volumes that containers may mount: errors of others are reported already. */
export function findValidVolumes(volumes: PodSpec['volumes'] = []): Set<string> {
  return new Set(volumes.filter((volume) => validateVolumes('', [volume]).length === 0).map(({ name }) => name))
}

/** In the order in which the API server checks them. */
const sourceTypes = [
  'emptyDir',
  'hostPath',
  'secret',
  'persistentVolumeClaim',
  'downwardAPI',
  'configMap',
  'projected',
] as const

function validateVolumeSource(field: string, volume: Volume): FieldError[] {
  const known: readonly string[] = sourceTypes
  const others = Object.keys(volume).filter((key) => key !== 'name' && !known.includes(key))
  const [first, ...more] = [...sourceTypes.filter((type) => volume[type] !== undefined), ...others]
  const extra = more.map((type) => {
    // This misspelling is the server's.
    const child = type === 'downwardAPI' ? 'downwarAPI' : type
    return forbiddenField(`${field}.${child}`, 'may not specify more than 1 volume type')
  })
  if (first === undefined) return [requiredField(field, 'must specify a volume type')]
  return [...validateVolumeType(`${field}.${first}`, first, volume), ...extra]
}

function validateVolumeType(field: string, type: string, volume: Volume): FieldError[] {
  switch (type) {
    case 'emptyDir': {
      const detail = 'SizeLimit field must be a valid resource quantity'
      const isNegative = parseQuantity(volume.emptyDir?.sizeLimit ?? '0').nano < 0n
      return isNegative ? [forbiddenField(`${field}.sizeLimit`, detail)] : []
    }
    case 'hostPath':
      return validateHostPathVolumeSource(field, volume.hostPath)
    case 'secret': {
      const { secretName, defaultMode, items } = volume.secret ?? {}
      return [
        ...(secretName ? [] : [requiredField(`${field}.secretName`)]),
        ...validateKeyToPaths(field, defaultMode, items),
      ]
    }
    case 'configMap': {
      const { name, defaultMode, items } = volume.configMap ?? {}
      return [...(name ? [] : [requiredField(`${field}.name`)]), ...validateKeyToPaths(field, defaultMode, items)]
    }
    case 'downwardAPI': {
      const { defaultMode, items = [] } = volume.downwardAPI ?? {}
      return [
        ...validateMode(`${field}.defaultMode`, defaultMode),
        ...items.flatMap((item) => validateDownwardApiVolumeFile(field, item)),
      ]
    }
    case 'persistentVolumeClaim':
      return volume.persistentVolumeClaim?.claimName ? [] : [requiredField(`${field}.claimName`)]
    case 'projected':
      return validateMode(`${field}.defaultMode`, volume.projected?.defaultMode)
    default:
      return []
  }
}

function validateHostPathVolumeSource(field: string, hostPath: Volume['hostPath']): FieldError[] {
  const { path, type } = hostPath ?? {}
  if (!path) return [requiredField(`${field}.path`)]
  const types = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']
  const known = type === undefined || types.includes(type)
  return [
    ...validatePathNoBacksteps(`${field}.path`, path),
    ...(known ? [] : [notSupportedField(`${field}.type`, type, types)]),
  ]
}

function validateKeyToPaths(field: string, mode: number | undefined, items: KeyToPath[] = []): FieldError[] {
  const errors = validateMode(`${field}.defaultMode`, mode)
  items.forEach(({ key, path, mode }, index) => {
    const item = `${field}.items[${index}]`
    if (!key) errors.push(requiredField(`${item}.key`))
    if (!path) errors.push(requiredField(`${item}.path`))
    errors.push(...validateLocalNonReservedPath(`${item}.path`, path ?? ''), ...validateMode(`${item}.mode`, mode))
  })
  return errors
}

/** The API server's messages do not contain the index of the item. */
function validateDownwardApiVolumeFile(
  field: string,
  { path, fieldRef, resourceFieldRef, mode }: DownwardItem,
): FieldError[] {
  const errors = path ? [] : [requiredField(`${field}.path`)]
  errors.push(...validateLocalNonReservedPath(`${field}.path`, path ?? ''))
  if (fieldRef) errors.push(...validateObjectFieldSelector(`${field}.fieldRef`, fieldRef, volumeFieldPaths))
  else if (resourceFieldRef)
    errors.push(...validateContainerResourceFieldSelector(`${field}.resourceFieldRef`, resourceFieldRef, true))
  else errors.push(requiredField(field, 'one of fieldRef and resourceFieldRef is required'))
  if (fieldRef && resourceFieldRef) {
    errors.push(invalidField(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  }
  return [...errors, ...validateMode(`${field}.mode`, mode)]
}

function validateMode(field: string, mode: number | undefined): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  return [invalidField(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

function validateLocalNonReservedPath(field: string, path: string): FieldError[] {
  const errors = validateLocalDescendingPath(field, path)
  if (path.startsWith('..') && !path.startsWith('../'))
    errors.push(invalidField(field, path, "must not start with '..'"))
  return errors
}

export function validateLocalDescendingPath(field: string, path: string): FieldError[] {
  return [
    ...(path.startsWith('/') ? [invalidField(field, path, 'must be a relative path')] : []),
    ...validatePathNoBacksteps(field, path),
  ]
}

function validatePathNoBacksteps(field: string, path: string): FieldError[] {
  return path.split('/').includes('..') ? [invalidField(field, path, "must not contain '..'")] : []
}

export function validateVolumeMounts(field: string, container: Container, volumes: ReadonlySet<string>): FieldError[] {
  const mounts = container.volumeMounts ?? []
  return mounts.flatMap((mount, index) => {
    const { name, mountPath } = mount
    const path = `${field}[${index}]`
    const errors: FieldError[] = []
    if (!name) errors.push(requiredField(`${path}.name`))
    if (!volumes.has(name)) errors.push(notFoundField(`${path}.name`, name ?? ''))
    if (!mountPath) errors.push(requiredField(`${path}.mountPath`))
    if (mounts.findIndex((one) => one.mountPath === mountPath) < index) {
      errors.push(invalidField(`${path}.mountPath`, mountPath, 'must be unique'))
    }
    return [
      ...errors,
      ...validateSubPaths(field, path, mount),
      ...validateMountPropagation(`${field}.mountPropagation`, mount, container),
    ]
  })
}

/** Some errors name the list instead of the mount. */
function validateSubPaths(list: string, field: string, { subPath, subPathExpr }: Mount): FieldError[] {
  const errors = subPath ? validateLocalDescendingPath(`${list}.subPath`, subPath) : []
  if (subPath && subPathExpr) {
    errors.push(invalidField(`${field}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
  }
  return [...errors, ...(subPathExpr ? validateLocalDescendingPath(`${list}.subPathExpr`, subPathExpr) : [])]
}

function validateMountPropagation(
  field: string,
  { mountPropagation: mode }: Mount,
  container: Container,
): FieldError[] {
  if (mode === undefined) return []
  const modes = ['Bidirectional', 'HostToContainer', 'None']
  if (!modes.includes(mode)) return [notSupportedField(field, mode, modes)]
  if (mode !== 'Bidirectional' || container.securityContext?.privileged === true) return []
  return [forbiddenField(field, 'Bidirectional mount propagation is available only to privileged containers')]
}
