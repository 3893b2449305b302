/** Requests and limits: validateResourceRequirements in pkg/apis/core/validation of Kubernetes 1.34. */
import type { Container } from '../store/objects.ts'
import { parseQuantity, formatQuantity, roundUpToInteger } from '../store/quantity.ts'
import type { FieldError } from './field-errors.ts'
import { forbiddenField, invalidField, notFoundField, requiredField } from './field-errors.ts'
import { validateLabelName } from './names.ts'

type Resources = NonNullable<Container['resources']>
const hugePages = 'hugepages-'
const ofContainers = new Set(['cpu', 'memory', 'ephemeral-storage'])
/** Standard resources, but not of containers. */
const ofOthers = new Set([
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
])

/** Quantities have already been parsed when the request was decoded. */
export function validateResourceRequirements(field: string, resources: Resources = {}): FieldError[] {
  const { limits = {}, requests = {}, claims = [] } = resources
  const errors: FieldError[] = []
  for (const [name, text] of Object.entries(limits))
    errors.push(...validateResourceQuantityValue(`${field}.limits[${name}]`, name, text))
  for (const [name, text] of Object.entries(requests)) {
    errors.push(...validateResourceQuantityValue(`${field}.requests[${name}]`, name, text))
    errors.push(...validateRequestAgainstLimit(field, name, text, limits[name]))
  }
  const names = Object.keys({ ...limits, ...requests })
  if (names.some((name) => name.startsWith(hugePages)) && !names.some((name) => name === 'cpu' || name === 'memory')) {
    errors.push(forbiddenField(field, 'HugePages require cpu or memory'))
  }
  claims.forEach(({ name }, index) => {
    const error = notFoundField(`${field}.claims[${index}]`, name)
    errors.push({ ...error, body: `${error.body}: must be one of the names in pod.spec.resourceClaims which is empty` })
  })
  return errors
}

function validateResourceQuantityValue(field: string, name: string, text: string): FieldError[] {
  const errors = validateContainerResourceName(field, name)
  const quantity = parseQuantity(text)
  if (quantity.nano < 0n)
    errors.push(invalidField(field, formatQuantity(quantity), 'must be greater than or equal to 0'))
  if (isExtendedResourceName(name) && quantity.nano % 1_000_000_000n !== 0n) {
    errors.push(invalidField(field, text, 'must be an integer'))
  }
  if (name.startsWith(hugePages)) {
    const page = roundUpToInteger(parseQuantity(name.slice(hugePages.length)))
    const detail = `${formatQuantity(quantity)} is not positive integer multiple of ${name}`
    if (page <= 0n || roundUpToInteger(quantity) % page !== 0n)
      errors.push(invalidField(field, formatQuantity(quantity), detail))
  }
  return errors
}

function validateContainerResourceName(field: string, name: string): FieldError[] {
  const errors = validateLabelName(field, name)
  const isStandard = ofContainers.has(name) || name.startsWith(hugePages)
  if (errors.length > 0 || isStandard) return errors
  if (!name.includes('/')) {
    const unknown = invalidField(field, name, 'must be a standard resource type or fully qualified')
    const other = invalidField(field, name, 'must be a standard resource for containers')
    return ofOthers.has(name) ? [other] : [unknown, other]
  }
  if (isNativeResource(name) || isExtendedResourceName(name)) return []
  return [invalidField(field, name, "doesn't follow extended resource name standard")]
}

function validateRequestAgainstLimit(
  field: string,
  name: string,
  text: string,
  limit: string | undefined,
): FieldError[] {
  const mayDiffer = isNativeResource(name) && !name.startsWith(hugePages)
  if (limit === undefined) {
    const detail = 'Limit must be set for non overcommitable resources'
    return mayDiffer ? [] : [requiredField(`${field}.limits`, detail)]
  }
  const [asked, most] = [parseQuantity(text), parseQuantity(limit)]
  if (!mayDiffer && asked.nano !== most.nano) {
    const detail = `must be equal to ${name} limit of ${formatQuantity(most)}`
    return [invalidField(`${field}.requests`, formatQuantity(asked), detail)]
  }
  if (asked.nano <= most.nano) return []
  const detail = `must be less than or equal to ${name} limit of ${formatQuantity(most)}`
  return [invalidField(`${field}.requests`, formatQuantity(asked), detail)]
}

/** In Kubernetes' own domain, or without a domain. */
function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

function isExtendedResourceName(name: string): boolean {
  return (
    !isNativeResource(name) && !name.startsWith('requests.') && validateLabelName('', `requests.${name}`).length === 0
  )
}
