/** Volumes and where containers mount them. */
import type { Container, PodSpec } from '../store/objects.ts'
import { parseQuantity } from '../store/quantity.ts'
import type { FieldError } from './field-errors.ts'
import { duplicate, forbiddenField, invalid, notFound, notSupported, required } from './field-errors.ts'
import { fieldRefErrors, ofVolumes, resourceRefErrors } from './environment.ts'
import { nameErrors } from './names.ts'

type Volume = NonNullable<PodSpec['volumes']>[number]
type KeyToPath = NonNullable<NonNullable<Volume['configMap']>['items']>[number]
type DownwardItem = NonNullable<NonNullable<Volume['downwardAPI']>['items']>[number]
type Mount = NonNullable<Container['volumeMounts']>[number]

export function volumeErrors(field: string, volumes: PodSpec['volumes'] = []): FieldError[] {
  const sound = new Set<string>()
  return volumes.flatMap((volume, index) => {
    const path = `${field}[${index}]`
    const errors = sourceErrors(path, volume)
    errors.push(...(volume.name ? nameErrors(`${path}.name`, volume.name, 'label') : [required(`${path}.name`)]))
    if (sound.has(volume.name)) errors.push(duplicate(`${path}.name`, volume.name))
    if (errors.length === 0) sound.add(volume.name)
    return errors
  })
}

/** Names of the volumes that containers may mount: the others have been told already. */
export function soundVolumes(volumes: PodSpec['volumes'] = []): Set<string> {
  return new Set(volumes.filter((volume) => volumeErrors('', [volume]).length === 0).map(({ name }) => name))
}

/** In the order in which the API server looks at them. */
const sourceTypes = [
  'emptyDir',
  'hostPath',
  'secret',
  'persistentVolumeClaim',
  'downwardAPI',
  'configMap',
  'projected',
] as const

function sourceErrors(field: string, volume: Volume): FieldError[] {
  const known: readonly string[] = sourceTypes
  const others = Object.keys(volume).filter((key) => key !== 'name' && !known.includes(key))
  const [first, ...more] = [...sourceTypes.filter((type) => volume[type] !== undefined), ...others]
  const extra = more.map((type) => {
    // So it is misspelt there, too.
    const child = type === 'downwardAPI' ? 'downwarAPI' : type
    return forbiddenField(`${field}.${child}`, 'may not specify more than 1 volume type')
  })
  if (first === undefined) return [required(field, 'must specify a volume type')]
  return [...errorsOf(`${field}.${first}`, first, volume), ...extra]
}

function errorsOf(field: string, type: string, volume: Volume): FieldError[] {
  switch (type) {
    case 'emptyDir': {
      const detail = 'SizeLimit field must be a valid resource quantity'
      const isNegative = parseQuantity(volume.emptyDir?.sizeLimit ?? '0').nano < 0n
      return isNegative ? [forbiddenField(`${field}.sizeLimit`, detail)] : []
    }
    case 'hostPath':
      return hostPathErrors(field, volume.hostPath)
    case 'secret': {
      const { secretName, defaultMode, items } = volume.secret ?? {}
      return [...(secretName ? [] : [required(`${field}.secretName`)]), ...filesErrors(field, defaultMode, items)]
    }
    case 'configMap': {
      const { name, defaultMode, items } = volume.configMap ?? {}
      return [...(name ? [] : [required(`${field}.name`)]), ...filesErrors(field, defaultMode, items)]
    }
    case 'downwardAPI': {
      const { defaultMode, items = [] } = volume.downwardAPI ?? {}
      return [
        ...modeErrors(`${field}.defaultMode`, defaultMode),
        ...items.flatMap((item) => downwardErrors(field, item)),
      ]
    }
    case 'persistentVolumeClaim':
      return volume.persistentVolumeClaim?.claimName ? [] : [required(`${field}.claimName`)]
    case 'projected':
      return modeErrors(`${field}.defaultMode`, volume.projected?.defaultMode)
    default:
      return []
  }
}

function hostPathErrors(field: string, hostPath: Volume['hostPath']): FieldError[] {
  const { path, type } = hostPath ?? {}
  if (!path) return [required(`${field}.path`)]
  const types = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']
  const known = type === undefined || types.includes(type)
  return [...stepErrors(`${field}.path`, path), ...(known ? [] : [notSupported(`${field}.type`, type, types)])]
}

function filesErrors(field: string, mode: number | undefined, items: KeyToPath[] = []): FieldError[] {
  const errors = modeErrors(`${field}.defaultMode`, mode)
  items.forEach(({ key, path, mode }, index) => {
    const item = `${field}.items[${index}]`
    if (!key) errors.push(required(`${item}.key`))
    if (!path) errors.push(required(`${item}.path`))
    errors.push(...insideErrors(`${item}.path`, path ?? ''), ...modeErrors(`${item}.mode`, mode))
  })
  return errors
}

/** The API server tells of no item which one it is. */
function downwardErrors(field: string, { path, fieldRef, resourceFieldRef, mode }: DownwardItem): FieldError[] {
  const errors = path ? [] : [required(`${field}.path`)]
  errors.push(...insideErrors(`${field}.path`, path ?? ''))
  if (fieldRef) errors.push(...fieldRefErrors(`${field}.fieldRef`, fieldRef, ofVolumes))
  else if (resourceFieldRef) errors.push(...resourceRefErrors(`${field}.resourceFieldRef`, resourceFieldRef, true))
  else errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'))
  if (fieldRef && resourceFieldRef) {
    errors.push(invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  }
  return [...errors, ...modeErrors(`${field}.mode`, mode)]
}

function modeErrors(field: string, mode: number | undefined): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  return [invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

function insideErrors(field: string, path: string): FieldError[] {
  const errors = relativeErrors(field, path)
  if (path.startsWith('..') && !path.startsWith('../')) errors.push(invalid(field, path, "must not start with '..'"))
  return errors
}

export function relativeErrors(field: string, path: string): FieldError[] {
  return [
    ...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []),
    ...stepErrors(field, path),
  ]
}

function stepErrors(field: string, path: string): FieldError[] {
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : []
}

export function mountErrors(field: string, container: Container, volumes: ReadonlySet<string>): FieldError[] {
  const mounts = container.volumeMounts ?? []
  return mounts.flatMap((mount, index) => {
    const { name, mountPath } = mount
    const path = `${field}[${index}]`
    const errors: FieldError[] = []
    if (!name) errors.push(required(`${path}.name`))
    if (!volumes.has(name)) errors.push(notFound(`${path}.name`, name ?? ''))
    if (!mountPath) errors.push(required(`${path}.mountPath`))
    if (mounts.findIndex((one) => one.mountPath === mountPath) < index) {
      errors.push(invalid(`${path}.mountPath`, mountPath, 'must be unique'))
    }
    return [
      ...errors,
      ...partErrors(field, path, mount),
      ...propagationErrors(`${field}.mountPropagation`, mount, container),
    ]
  })
}

/** Some of it is told of the list, not of the mount. */
function partErrors(list: string, field: string, { subPath, subPathExpr }: Mount): FieldError[] {
  const errors = subPath ? relativeErrors(`${list}.subPath`, subPath) : []
  if (subPath && subPathExpr) {
    errors.push(invalid(`${field}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
  }
  return [...errors, ...(subPathExpr ? relativeErrors(`${list}.subPathExpr`, subPathExpr) : [])]
}

function propagationErrors(field: string, { mountPropagation: mode }: Mount, container: Container): FieldError[] {
  if (mode === undefined) return []
  const modes = ['Bidirectional', 'HostToContainer', 'None']
  if (!modes.includes(mode)) return [notSupported(field, mode, modes)]
  if (mode !== 'Bidirectional' || container.securityContext?.privileged === true) return []
  return [forbiddenField(field, 'Bidirectional mount propagation is available only to privileged containers')]
}
