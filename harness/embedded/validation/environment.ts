/** Environment variables and their sources, and the fields that a pod may read of itself. */
import type { Container } from '../store/objects.ts'
import { parseQuantity, quantityText } from '../store/quantity.ts'
import type { FieldError } from './field-errors.ts'
import { invalid, notSupported, required } from './field-errors.ts'
import { keyErrors, nameErrors, variableNameErrors } from './names.ts'

type Variable = NonNullable<Container['env']>[number]
type Source = NonNullable<Variable['valueFrom']>
type FieldRef = NonNullable<Source['fieldRef']>
type ResourceRef = NonNullable<Source['resourceFieldRef']>

export const ofVariables: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
export const ofVolumes: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]
/** Known, of no use to a container. */
const ofNobody = ['spec.restartPolicy', 'spec.schedulerName', 'status.phase']
const resources = ['cpu', 'ephemeral-storage', 'memory']
const ofContainers = ['limits', 'requests'].flatMap((kind) => resources.map((name) => `${kind}.${name}`))

export function environmentErrors(field: string, variables: Container['env'] = []): FieldError[] {
  return variables.flatMap((variable, index) => {
    const path = `${field}[${index}]`
    const { name, valueFrom } = variable
    return [
      ...(name ? variableNameErrors(`${path}.name`, name) : [required(`${path}.name`)]),
      ...(valueFrom ? sourceErrors(`${path}.valueFrom`, valueFrom, variable) : []),
    ]
  })
}

function sourceErrors(field: string, source: Source, { value }: Variable): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source
  const errors: FieldError[] = []
  if (fieldRef) errors.push(...fieldRefErrors(`${field}.fieldRef`, fieldRef, ofVariables))
  if (resourceFieldRef) errors.push(...resourceRefErrors(`${field}.resourceFieldRef`, resourceFieldRef, false))
  if (configMapKeyRef) errors.push(...keyRefErrors(`${field}.configMapKeyRef`, configMapKeyRef))
  if (secretKeyRef) errors.push(...keyRefErrors(`${field}.secretKeyRef`, secretKeyRef))
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter(Boolean).length
  if (count === 0) {
    const detail = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'
    return [...errors, invalid(field, '', detail)]
  }
  if (value) return [...errors, invalid(field, '', 'may not be specified when `value` is not empty')]
  if (count > 1) return [...errors, invalid(field, '', 'may not have more than one field specified at a time')]
  return errors
}

/** `offered`: the fields that this place may read. */
export function fieldRefErrors(
  field: string,
  { apiVersion, fieldPath }: FieldRef,
  offered: readonly string[],
): FieldError[] {
  if (!apiVersion) return [required(`${field}.apiVersion`)]
  if (!fieldPath) return [required(`${field}.fieldPath`)]
  const unconverted = (why: string): FieldError[] => [
    invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`),
  ]
  if (apiVersion !== 'v1') return unconverted(`unsupported pod version: ${apiVersion}`)
  const [, path = '', key = ''] = /^(.+)\['(.*)'\]$/.exec(fieldPath) ?? []
  if (path === 'metadata.annotations') return keyErrors(field, key.toLowerCase())
  if (path === 'metadata.labels') return keyErrors(field, key)
  if (path !== '') return unconverted(`field label does not support subscript: ${fieldPath}`)
  const known = [...ofVariables, ...ofVolumes, ...ofNobody, 'spec.host']
  if (!known.includes(fieldPath)) return unconverted(`field label not supported: ${fieldPath}`)
  // The name that very old clients use.
  const converted = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  return offered.includes(converted) ? [] : [notSupported(`${field}.fieldPath`, converted, offered)]
}

/** In a volume the container must be named. */
export function resourceRefErrors(field: string, ref: ResourceRef, inVolume: boolean): FieldError[] {
  const { containerName, resource, divisor } = ref
  const errors: FieldError[] = []
  const isHugePages = /^(requests|limits)\.hugepages-/.test(resource ?? '')
  if (inVolume && !containerName) errors.push(required(`${field}.containerName`))
  else if (!resource) errors.push(required(`${field}.resource`))
  else if (!ofContainers.includes(resource) && !isHugePages) {
    errors.push(notSupported(`${field}.resource`, resource, ofContainers))
  }
  return [...errors, ...divisorErrors(`${field}.divisor`, resource ?? '', divisor)]
}

function divisorErrors(field: string, resource: string, divisor = '0'): FieldError[] {
  const text = quantityText(parseQuantity(divisor))
  if (text === '0') return []
  const kind = /^(?:requests|limits)\.(cpu|memory|ephemeral-storage|hugepages-)/.exec(resource)?.[1]
  if (kind === undefined) return []
  const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
  const values = kind === 'cpu' ? ['1m', '1'] : sizes
  if (values.includes(text)) return []
  const named = {
    cpu: 'cpu',
    memory: 'memory',
    'ephemeral-storage': 'local ephemeral storage',
    'hugepages-': 'hugepages',
  }
  const list = kind === 'cpu' ? '1m and 1' : sizes.join(', ')
  const detail = `only divisor's values ${list} are supported with the ${named[kind as keyof typeof named]} resource`
  return [invalid(field, resource, detail)]
}

function keyRefErrors(field: string, { name = '', key }: { name?: string; key?: string }): FieldError[] {
  const named = nameErrors(`${field}.name`, name, 'subdomain')
  return [...named, ...(key ? nameErrors(`${field}.key`, key, 'configKey') : [required(`${field}.key`)])]
}

export function environmentSourceErrors(field: string, sources: Container['envFrom'] = []): FieldError[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const path = `${field}[${index}]`
    const errors = prefix ? variableNameErrors(`${path}.prefix`, prefix) : []
    for (const [kind, ref] of Object.entries({ configMapRef, secretRef })) {
      if (!ref) continue
      if (ref.name) errors.push(...nameErrors(`${path}.${kind}.name`, ref.name, 'subdomain'))
      else errors.push(required(`${path}.${kind}.name`))
    }
    if (!configMapRef && !secretRef)
      errors.push(invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`'))
    if (configMapRef && secretRef) {
      errors.push(invalid(field, '', 'may not have more than one field specified at a time'))
    }
    return errors
  })
}
