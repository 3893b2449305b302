/** A pod's requirements for its node. */
import type { PodSpec } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { duplicateField, invalidField, notSupportedField, requiredField } from './field-errors.ts'
import { validateLabelName, validateName, findNameProblems, validateLabelSelector } from './names.ts'

type Toleration = NonNullable<PodSpec['tolerations']>[number]
type Spread = NonNullable<PodSpec['topologySpreadConstraints']>[number]
type Affinity = NonNullable<PodSpec['affinity']>
type NodeSelector = NonNullable<NonNullable<Affinity['nodeAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']>
type Requirement = NonNullable<NodeSelector['nodeSelectorTerms'][number]['matchExpressions']>[number]
type AffinityTerm = NonNullable<
  NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>[number]

export function validateAffinity(
  field: string,
  { nodeAffinity, podAffinity, podAntiAffinity }: Affinity = {},
): FieldError[] {
  const nodes = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const path = `${field}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`
  const errors = nodes ? validateNodeSelector(path, nodes) : []
  for (const [name, affinity] of Object.entries({ podAffinity, podAntiAffinity })) {
    const { requiredDuringSchedulingIgnoredDuringExecution: terms = [] } = affinity ?? {}
    const list = `${field}.${name}.requiredDuringSchedulingIgnoredDuringExecution`
    terms.forEach((term, index) => errors.push(...validatePodAffinityTerm(`${list}[${index}]`, term)))
    const { preferredDuringSchedulingIgnoredDuringExecution: weighted = [] } = affinity ?? {}
    weighted.forEach(({ weight, podAffinityTerm }, index) => {
      const one = `${field}.${name}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`
      if (weight <= 0 || weight > 100) errors.push(invalidField(`${one}.weight`, weight, 'must be in the range 1-100'))
      errors.push(...validatePodAffinityTerm(`${one}.podAffinityTerm`, podAffinityTerm))
    })
  }
  return errors
}

function validateNodeSelector(field: string, { nodeSelectorTerms: terms = [] }: Partial<NodeSelector>): FieldError[] {
  const list = `${field}.nodeSelectorTerms`
  if (terms.length === 0) return [requiredField(list, 'must have at least one node selector term')]
  return terms.flatMap(({ matchExpressions = [] }, term) =>
    matchExpressions.flatMap((one, index) =>
      validateNodeSelectorRequirement(`${list}[${term}].matchExpressions[${index}]`, one),
    ),
  )
}

function validateNodeSelectorRequirement(field: string, { key, operator, values = [] }: Requirement): FieldError[] {
  const errors: FieldError[] = []
  if (operator === 'Gt' || operator === 'Lt') {
    const detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
    if (values.length !== 1) errors.push(requiredField(`${field}.values`, detail))
    errors.push(...validateLabelName(`${field}.key`, key))
  } else errors.push(...validateOperator(field, { key, operator, values }))
  return [
    ...errors,
    ...values.flatMap((value, index) => validateName(`${field}.values[${index}]`, value, 'labelValue')),
  ]
}

/** As in a label selector, except for the values. */
function validateOperator(field: string, requirement: Requirement): FieldError[] {
  const all = validateLabelSelector('', { matchExpressions: [requirement] })
  return all
    .filter((error) => !error.field.includes('.values['))
    .map((error) => ({ ...error, field: error.field.replace('.matchExpressions[0]', field) }))
}

function validatePodAffinityTerm(
  field: string,
  { topologyKey, labelSelector, namespaces = [] }: AffinityTerm,
): FieldError[] {
  const errors = labelSelector ? validateLabelSelector(`${field}.labelSelector`, labelSelector) : []
  for (const name of namespaces) errors.push(...validateName(`${field}.namespace`, name, 'label'))
  if (!topologyKey) errors.push(requiredField(`${field}.topologyKey`, 'can not be empty'))
  return [...errors, ...validateLabelName(`${field}.topologyKey`, topologyKey ?? '')]
}

export function validateTopologySpreadConstraints(field: string, constraints: Spread[] = []): FieldError[] {
  return constraints.flatMap((constraint, index) => {
    const path = `${field}[${index}]`
    const { maxSkew, topologyKey, whenUnsatisfiable: action, labelSelector } = constraint
    const errors: FieldError[] = []
    if (!(maxSkew > 0)) errors.push(invalidField(`${path}.maxSkew`, maxSkew, 'must be greater than zero'))
    if (!topologyKey) errors.push(requiredField(`${path}.topologyKey`, 'can not be empty'))
    const actions = ['DoNotSchedule', 'ScheduleAnyway']
    if (!actions.includes(action)) errors.push(notSupportedField(`${path}.whenUnsatisfiable`, action, actions))
    const isSameConstraint = (one: Spread): boolean =>
      one.topologyKey === topologyKey && one.whenUnsatisfiable === action
    if (constraints.slice(index + 1).some(isSameConstraint)) {
      errors.push(duplicateField(`${path}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`))
    }
    errors.push(...validateMinDomains(path, constraint))
    return [...errors, ...(labelSelector ? validateLabelSelector(`${path}.labelSelector`, labelSelector) : [])]
  })
}

function validateMinDomains(field: string, constraint: Spread): FieldError[] {
  const { minDomains, whenUnsatisfiable: action } = constraint
  const errors: FieldError[] = []
  if (minDomains !== undefined && minDomains <= 0) {
    errors.push(invalidField(`${field}.minDomains`, minDomains, 'must be greater than zero'))
  }
  if (minDomains !== undefined && action !== 'DoNotSchedule') {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
    errors.push(invalidField(`${field}.minDomains`, minDomains, detail))
  }
  for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy = constraint[name]
    const policies = ['Honor', 'Ignore']
    if (policy !== undefined && !policies.includes(policy)) {
      errors.push(notSupportedField(`${field}.${name}`, policy, policies))
    }
  }
  return errors
}

export function validateSchedulingGates(field: string, gates: PodSpec['schedulingGates'] = []): FieldError[] {
  return gates.flatMap(({ name }, index) => [
    ...validateLabelName(`${field}[${index}]`, name),
    ...(gates.findIndex((gate) => gate.name === name) < index ? [duplicateField(`${field}[${index}]`, name)] : []),
  ])
}

export function validateTolerations(field: string, tolerations: Toleration[] = []): FieldError[] {
  return tolerations.flatMap((toleration, index) => {
    const path = `${field}[${index}]`
    const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration
    const errors = key === '' ? [] : validateLabelName(`${path}.key`, key)
    if (key === '' && operator !== 'Exists') {
      const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(invalidField(`${path}.operator`, operator, detail))
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(invalidField(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    }
    errors.push(...validateTolerationOperator(`${path}.operator`, operator, value))
    const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
    if (effect !== '' && !effects.includes(effect)) errors.push(notSupportedField(`${path}.effect`, effect, effects))
    return errors
  })
}

/** Without an operator it is Equal. */
function validateTolerationOperator(field: string, operator: string, value: string): FieldError[] {
  if (operator === '' || operator === 'Equal') {
    const texts = findNameProblems(value, 'labelValue')
    return texts.length === 0 ? [] : [invalidField(field, value, texts.join(';'))]
  }
  if (operator !== 'Exists') return [notSupportedField(field, operator, ['Equal', 'Exists'])]
  return value === '' ? [] : [invalidField(field, value, "value must be empty when `operator` is 'Exists'")]
}
