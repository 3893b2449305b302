/** What a pod asks of the nodes that it is to run on. */
import type { PodSpec } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { duplicate, invalid, notSupported, required } from './field-errors.ts'
import { keyErrors, nameErrors, nameTexts, selectorErrors } from './names.ts'

type Toleration = NonNullable<PodSpec['tolerations']>[number]
type Spread = NonNullable<PodSpec['topologySpreadConstraints']>[number]
type Affinity = NonNullable<PodSpec['affinity']>
type NodeSelector = NonNullable<NonNullable<Affinity['nodeAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']>
type Requirement = NonNullable<NodeSelector['nodeSelectorTerms'][number]['matchExpressions']>[number]
type AffinityTerm = NonNullable<
  NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>[number]

export function affinityErrors(
  field: string,
  { nodeAffinity, podAffinity, podAntiAffinity }: Affinity = {},
): FieldError[] {
  const nodes = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const path = `${field}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`
  const errors = nodes ? nodeSelectorErrors(path, nodes) : []
  for (const [name, affinity] of Object.entries({ podAffinity, podAntiAffinity })) {
    const { requiredDuringSchedulingIgnoredDuringExecution: terms = [] } = affinity ?? {}
    const list = `${field}.${name}.requiredDuringSchedulingIgnoredDuringExecution`
    terms.forEach((term, index) => errors.push(...termErrors(`${list}[${index}]`, term)))
    const { preferredDuringSchedulingIgnoredDuringExecution: weighted = [] } = affinity ?? {}
    weighted.forEach(({ weight, podAffinityTerm }, index) => {
      const one = `${field}.${name}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`
      if (weight <= 0 || weight > 100) errors.push(invalid(`${one}.weight`, weight, 'must be in the range 1-100'))
      errors.push(...termErrors(`${one}.podAffinityTerm`, podAffinityTerm))
    })
  }
  return errors
}

function nodeSelectorErrors(field: string, { nodeSelectorTerms: terms = [] }: Partial<NodeSelector>): FieldError[] {
  const list = `${field}.nodeSelectorTerms`
  if (terms.length === 0) return [required(list, 'must have at least one node selector term')]
  return terms.flatMap(({ matchExpressions = [] }, term) =>
    matchExpressions.flatMap((one, index) => requirementErrors(`${list}[${term}].matchExpressions[${index}]`, one)),
  )
}

function requirementErrors(field: string, { key, operator, values = [] }: Requirement): FieldError[] {
  const errors: FieldError[] = []
  if (operator === 'Gt' || operator === 'Lt') {
    const detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
    if (values.length !== 1) errors.push(required(`${field}.values`, detail))
    errors.push(...keyErrors(`${field}.key`, key))
  } else errors.push(...operatorErrors(field, { key, operator, values }))
  return [...errors, ...values.flatMap((value, index) => nameErrors(`${field}.values[${index}]`, value, 'labelValue'))]
}

/** As in a label selector, but for the values themselves. */
function operatorErrors(field: string, requirement: Requirement): FieldError[] {
  const all = selectorErrors('', { matchExpressions: [requirement] })
  return all
    .filter((error) => !error.field.includes('.values['))
    .map((error) => ({ ...error, field: error.field.replace('.matchExpressions[0]', field) }))
}

function termErrors(field: string, { topologyKey, labelSelector, namespaces = [] }: AffinityTerm): FieldError[] {
  const errors = labelSelector ? selectorErrors(`${field}.labelSelector`, labelSelector) : []
  for (const name of namespaces) errors.push(...nameErrors(`${field}.namespace`, name, 'label'))
  if (!topologyKey) errors.push(required(`${field}.topologyKey`, 'can not be empty'))
  return [...errors, ...keyErrors(`${field}.topologyKey`, topologyKey ?? '')]
}

export function spreadErrors(field: string, constraints: Spread[] = []): FieldError[] {
  return constraints.flatMap((constraint, index) => {
    const path = `${field}[${index}]`
    const { maxSkew, topologyKey, whenUnsatisfiable: action, labelSelector } = constraint
    const errors: FieldError[] = []
    if (!(maxSkew > 0)) errors.push(invalid(`${path}.maxSkew`, maxSkew, 'must be greater than zero'))
    if (!topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'))
    const actions = ['DoNotSchedule', 'ScheduleAnyway']
    if (!actions.includes(action)) errors.push(notSupported(`${path}.whenUnsatisfiable`, action, actions))
    const isSame = (one: Spread): boolean => one.topologyKey === topologyKey && one.whenUnsatisfiable === action
    if (constraints.slice(index + 1).some(isSame)) {
      errors.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`))
    }
    errors.push(...domainErrors(path, constraint))
    return [...errors, ...(labelSelector ? selectorErrors(`${path}.labelSelector`, labelSelector) : [])]
  })
}

function domainErrors(field: string, constraint: Spread): FieldError[] {
  const { minDomains, whenUnsatisfiable: action } = constraint
  const errors: FieldError[] = []
  if (minDomains !== undefined && minDomains <= 0) {
    errors.push(invalid(`${field}.minDomains`, minDomains, 'must be greater than zero'))
  }
  if (minDomains !== undefined && action !== 'DoNotSchedule') {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
    errors.push(invalid(`${field}.minDomains`, minDomains, detail))
  }
  for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy = constraint[name]
    const policies = ['Honor', 'Ignore']
    if (policy !== undefined && !policies.includes(policy)) {
      errors.push(notSupported(`${field}.${name}`, policy, policies))
    }
  }
  return errors
}

export function gateErrors(field: string, gates: PodSpec['schedulingGates'] = []): FieldError[] {
  return gates.flatMap(({ name }, index) => [
    ...keyErrors(`${field}[${index}]`, name),
    ...(gates.findIndex((gate) => gate.name === name) < index ? [duplicate(`${field}[${index}]`, name)] : []),
  ])
}

export function tolerationErrors(field: string, tolerations: Toleration[] = []): FieldError[] {
  return tolerations.flatMap((toleration, index) => {
    const path = `${field}[${index}]`
    const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration
    const errors = key === '' ? [] : keyErrors(`${path}.key`, key)
    if (key === '' && operator !== 'Exists') {
      const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(invalid(`${path}.operator`, operator, detail))
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    }
    errors.push(...tolerationOperatorErrors(`${path}.operator`, operator, value))
    const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
    if (effect !== '' && !effects.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, effects))
    return errors
  })
}

/** No operator means Equal. */
function tolerationOperatorErrors(field: string, operator: string, value: string): FieldError[] {
  if (operator === '' || operator === 'Equal') {
    const texts = nameTexts(value, 'labelValue')
    return texts.length === 0 ? [] : [invalid(field, value, texts.join(';'))]
  }
  if (operator !== 'Exists') return [notSupported(field, operator, ['Equal', 'Exists'])]
  return value === '' ? [] : [invalid(field, value, "value must be empty when `operator` is 'Exists'")]
}
