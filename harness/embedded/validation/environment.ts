/** Environment variables and their sources, and the fields of itself that a pod may read. */
import type { Container } from '../store/objects.ts'
import { parseQuantity, formatQuantity } from '../store/quantity.ts'
import type { FieldError } from './field-errors.ts'
import { invalidField, notSupportedField, requiredField } from './field-errors.ts'
import { validateLabelName, validateName, validateEnvVarName } from './names.ts'

type Variable = NonNullable<Container['env']>[number]
type Source = NonNullable<Variable['valueFrom']>
type FieldRef = NonNullable<Source['fieldRef']>
type ResourceRef = NonNullable<Source['resourceFieldRef']>

export const envFieldPaths: readonly string[] = [
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
export const volumeFieldPaths: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]
/** Known, but of no use to a container. */
const otherFieldPaths = ['spec.restartPolicy', 'spec.schedulerName', 'status.phase']
const resources = ['cpu', 'ephemeral-storage', 'memory']
const containerResources = ['limits', 'requests'].flatMap((kind) => resources.map((name) => `${kind}.${name}`))

export function validateEnv(field: string, variables: Container['env'] = []): FieldError[] {
  return variables.flatMap((variable, index) => {
    const path = `${field}[${index}]`
    const { name, valueFrom } = variable
    return [
      ...(name ? validateEnvVarName(`${path}.name`, name) : [requiredField(`${path}.name`)]),
      ...(valueFrom ? validateEnvVarValueFrom(`${path}.valueFrom`, valueFrom, variable) : []),
    ]
  })
}

function validateEnvVarValueFrom(field: string, source: Source, { value }: Variable): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source
  const errors: FieldError[] = []
  if (fieldRef) errors.push(...validateObjectFieldSelector(`${field}.fieldRef`, fieldRef, envFieldPaths))
  if (resourceFieldRef)
    errors.push(...validateContainerResourceFieldSelector(`${field}.resourceFieldRef`, resourceFieldRef, false))
  if (configMapKeyRef) errors.push(...validateKeySelector(`${field}.configMapKeyRef`, configMapKeyRef))
  if (secretKeyRef) errors.push(...validateKeySelector(`${field}.secretKeyRef`, secretKeyRef))
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter(Boolean).length
  if (count === 0) {
    const detail = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'
    return [...errors, invalidField(field, '', detail)]
  }
  if (value) return [...errors, invalidField(field, '', 'may not be specified when `value` is not empty')]
  if (count > 1) return [...errors, invalidField(field, '', 'may not have more than one field specified at a time')]
  return errors
}

/** `offered`: the fields that may be read here. */
export function validateObjectFieldSelector(
  field: string,
  { apiVersion, fieldPath }: FieldRef,
  offered: readonly string[],
): FieldError[] {
  if (!apiVersion) return [requiredField(`${field}.apiVersion`)]
  if (!fieldPath) return [requiredField(`${field}.fieldPath`)]
  const createConversionError = (why: string): FieldError[] => [
    invalidField(`${field}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`),
  ]
  if (apiVersion !== 'v1') return createConversionError(`unsupported pod version: ${apiVersion}`)
  const [, path = '', key = ''] = /^(.+)\['(.*)'\]$/.exec(fieldPath) ?? []
  if (path === 'metadata.annotations') return validateLabelName(field, key.toLowerCase())
  if (path === 'metadata.labels') return validateLabelName(field, key)
  if (path !== '') return createConversionError(`field label does not support subscript: ${fieldPath}`)
  const known = [...envFieldPaths, ...volumeFieldPaths, ...otherFieldPaths, 'spec.host']
  if (!known.includes(fieldPath)) return createConversionError(`field label not supported: ${fieldPath}`)
  // The field's name in very old clients.
  const converted = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  return offered.includes(converted) ? [] : [notSupportedField(`${field}.fieldPath`, converted, offered)]
}

/** In a volume the container must be named. */
export function validateContainerResourceFieldSelector(
  field: string,
  ref: ResourceRef,
  inVolume: boolean,
): FieldError[] {
  const { containerName, resource, divisor } = ref
  const errors: FieldError[] = []
  const isHugePages = /^(requests|limits)\.hugepages-/.test(resource ?? '')
  if (inVolume && !containerName) errors.push(requiredField(`${field}.containerName`))
  else if (!resource) errors.push(requiredField(`${field}.resource`))
  else if (!containerResources.includes(resource) && !isHugePages) {
    errors.push(notSupportedField(`${field}.resource`, resource, containerResources))
  }
  return [...errors, ...validateContainerResourceDivisor(`${field}.divisor`, resource ?? '', divisor)]
}

function validateContainerResourceDivisor(field: string, resource: string, divisor = '0'): FieldError[] {
  const text = formatQuantity(parseQuantity(divisor))
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
  return [invalidField(field, resource, detail)]
}

function validateKeySelector(field: string, { name = '', key }: { name?: string; key?: string }): FieldError[] {
  const named = validateName(`${field}.name`, name, 'subdomain')
  return [...named, ...(key ? validateName(`${field}.key`, key, 'configKey') : [requiredField(`${field}.key`)])]
}

export function validateEnvFrom(field: string, sources: Container['envFrom'] = []): FieldError[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const path = `${field}[${index}]`
    const errors = prefix ? validateEnvVarName(`${path}.prefix`, prefix) : []
    for (const [kind, ref] of Object.entries({ configMapRef, secretRef })) {
      if (!ref) continue
      if (ref.name) errors.push(...validateName(`${path}.${kind}.name`, ref.name, 'subdomain'))
      else errors.push(requiredField(`${path}.${kind}.name`))
    }
    if (!configMapRef && !secretRef)
      errors.push(invalidField(field, '', 'must specify one of: `configMapRef` or `secretRef`'))
    if (configMapRef && secretRef) {
      errors.push(invalidField(field, '', 'may not have more than one field specified at a time'))
    }
    return errors
  })
}
