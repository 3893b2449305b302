/** Requests and limits: validateResourceRequirements in pkg/apis/core/validation of Kubernetes 1.34. */
import type { Container } from '../store/objects.ts'
import { parseQuantity, quantityText, wholeOf } from '../store/quantity.ts'
import type { FieldError } from './field-errors.ts'
import { forbiddenField, invalid, notFound, required } from './field-errors.ts'
import { keyErrors } from './names.ts'

type Resources = NonNullable<Container['resources']>
const hugePages = 'hugepages-'
const ofContainers = new Set(['cpu', 'memory', 'ephemeral-storage'])
/** Standard, but of other things than containers. */
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

/** Quantities have been parsed before, as the request was decoded. */
export function resourceErrors(field: string, resources: Resources = {}): FieldError[] {
  const { limits = {}, requests = {}, claims = [] } = resources
  const errors: FieldError[] = []
  for (const [name, text] of Object.entries(limits)) errors.push(...valueErrors(`${field}.limits[${name}]`, name, text))
  for (const [name, text] of Object.entries(requests)) {
    errors.push(...valueErrors(`${field}.requests[${name}]`, name, text))
    errors.push(...againstLimit(field, name, text, limits[name]))
  }
  const names = Object.keys({ ...limits, ...requests })
  if (names.some((name) => name.startsWith(hugePages)) && !names.some((name) => name === 'cpu' || name === 'memory')) {
    errors.push(forbiddenField(field, 'HugePages require cpu or memory'))
  }
  claims.forEach(({ name }, index) => {
    const error = notFound(`${field}.claims[${index}]`, name)
    errors.push({ ...error, body: `${error.body}: must be one of the names in pod.spec.resourceClaims which is empty` })
  })
  return errors
}

function valueErrors(field: string, name: string, text: string): FieldError[] {
  const errors = nameErrors(field, name)
  const quantity = parseQuantity(text)
  if (quantity.nano < 0n) errors.push(invalid(field, quantityText(quantity), 'must be greater than or equal to 0'))
  if (isExtended(name) && quantity.nano % 1_000_000_000n !== 0n) {
    errors.push(invalid(field, text, 'must be an integer'))
  }
  if (name.startsWith(hugePages)) {
    const page = wholeOf(parseQuantity(name.slice(hugePages.length)))
    const detail = `${quantityText(quantity)} is not positive integer multiple of ${name}`
    if (page <= 0n || wholeOf(quantity) % page !== 0n) errors.push(invalid(field, quantityText(quantity), detail))
  }
  return errors
}

function nameErrors(field: string, name: string): FieldError[] {
  const errors = keyErrors(field, name)
  const isStandard = ofContainers.has(name) || name.startsWith(hugePages)
  if (errors.length > 0 || isStandard) return errors
  if (!name.includes('/')) {
    const unknown = invalid(field, name, 'must be a standard resource type or fully qualified')
    const other = invalid(field, name, 'must be a standard resource for containers')
    return ofOthers.has(name) ? [other] : [unknown, other]
  }
  if (isNative(name) || isExtended(name)) return []
  return [invalid(field, name, "doesn't follow extended resource name standard")]
}

function againstLimit(field: string, name: string, text: string, limit: string | undefined): FieldError[] {
  const mayDiffer = isNative(name) && !name.startsWith(hugePages)
  if (limit === undefined) {
    const detail = 'Limit must be set for non overcommitable resources'
    return mayDiffer ? [] : [required(`${field}.limits`, detail)]
  }
  const [asked, most] = [parseQuantity(text), parseQuantity(limit)]
  if (!mayDiffer && asked.nano !== most.nano) {
    const detail = `must be equal to ${name} limit of ${quantityText(most)}`
    return [invalid(`${field}.requests`, quantityText(asked), detail)]
  }
  if (asked.nano <= most.nano) return []
  const detail = `must be less than or equal to ${name} limit of ${quantityText(most)}`
  return [invalid(`${field}.requests`, quantityText(asked), detail)]
}

/** Of Kubernetes' own domain, by name or for want of one. */
function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && keyErrors('', `requests.${name}`).length === 0
}
