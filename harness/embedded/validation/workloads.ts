/** Deployments, ReplicaSets and PodDisruptionBudgets: pkg/apis/{apps,policy}/validation of Kubernetes 1.34. */
import { isEqualJson } from '../store/json.ts'
import type { Deployment, PodDisruptionBudget, ReplicaSet } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import {
  forbiddenField,
  invalidField,
  validateNonnegativeField,
  notSupportedField,
  requiredField,
} from './field-errors.ts'
import { matchesLabelSelector } from '../store/label-selector.ts'
import { isEmptySelector } from '../schema/selector-syntax.ts'
import { validateAnnotations, validateLabels, validateName, validateLabelSelector } from './names.ts'
import { validatePodSpec } from './pod.ts'

type IntOrPercent = number | string
type DeploymentSpec = NonNullable<Deployment['spec']>

export function validateDeployment({ spec }: Deployment): FieldError[] {
  if (!spec) return [requiredField('spec')]
  const { minReadySeconds = 0, progressDeadlineSeconds, revisionHistoryLimit } = spec
  const errors = [
    ...validateNonnegativeField('spec.replicas', spec.replicas),
    ...validateSelectorAndTemplate(spec),
    ...validateDeploymentStrategy(spec.strategy),
    ...validateNonnegativeField('spec.minReadySeconds', minReadySeconds),
    ...validateNonnegativeField('spec.revisionHistoryLimit', revisionHistoryLimit),
    ...validateNonnegativeField('spec.progressDeadlineSeconds', progressDeadlineSeconds),
  ]
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    const detail = 'must be greater than minReadySeconds'
    errors.push(invalidField('spec.progressDeadlineSeconds', progressDeadlineSeconds, detail))
  }
  return errors
}

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  if (!spec) return [requiredField('spec')]
  return [
    ...validateNonnegativeField('spec.replicas', spec.replicas),
    ...validateNonnegativeField('spec.minReadySeconds', spec.minReadySeconds),
    ...validateSelectorAndTemplate(spec),
  ]
}

/** Checks the template, and whether the selector selects the pods made from it. */
function validateSelectorAndTemplate({
  selector,
  template,
}: Pick<DeploymentSpec, 'selector'> & ReplicaSetTemplate): FieldError[] {
  const errors: FieldError[] = []
  const labels = template?.metadata?.labels
  if (!selector) errors.push(requiredField('spec.selector'))
  else {
    errors.push(...validateLabelSelector('spec.selector', selector))
    if (isEmptySelector(selector)) {
      errors.push(invalidField('spec.selector', selector, 'empty selector is invalid for deployment'))
    }
    // Without a valid selector the template is not validated.
    if (errors.some(({ field }) => field.includes('.matchExpressions['))) {
      return [...errors, invalidField('spec.selector', selector, 'invalid label selector')]
    }
  }
  // No selector selects nothing, an empty one everything.
  if (!selector || !(isEmptySelector(selector) || matchesLabelSelector(selector, labels))) {
    const detail = '`selector` does not match template `labels`'
    errors.push(invalidField('spec.template.metadata.labels', labels, detail))
  }
  errors.push(...validateLabels('spec.template.labels', labels))
  errors.push(...validateAnnotations('spec.template.annotations', template?.metadata?.annotations))
  const spec = template?.spec
  if (!spec) return [...errors, requiredField('spec.template.spec')]
  errors.push(...validatePodSpec('spec.template.spec', spec))
  if (spec.restartPolicy !== 'Always') {
    errors.push(notSupportedField('spec.template.spec.restartPolicy', spec.restartPolicy, ['Always']))
  }
  if (spec.activeDeadlineSeconds !== undefined) {
    const detail = 'activeDeadlineSeconds in ReplicaSet is not Supported'
    errors.push(forbiddenField('spec.template.spec.activeDeadlineSeconds', detail))
  }
  return errors
}
type ReplicaSetTemplate = Pick<NonNullable<ReplicaSet['spec']>, 'template'>

function validateDeploymentStrategy(strategy: DeploymentSpec['strategy'] = {}): FieldError[] {
  const field = 'spec.strategy.rollingUpdate'
  if (strategy.type === 'Recreate') {
    const detail = "may not be specified when strategy `type` is 'Recreate'"
    return strategy.rollingUpdate ? [forbiddenField(field, detail)] : []
  }
  if (strategy.type !== 'RollingUpdate') {
    // In the form of the server's internal structure.
    const value = { Type: strategy.type, RollingUpdate: strategy.rollingUpdate ?? null }
    return [notSupportedField('spec.strategy', value, ['Recreate', 'RollingUpdate'])]
  }
  const { maxUnavailable = 0, maxSurge = 0 } = strategy.rollingUpdate ?? {}
  const errors = [
    ...validatePositiveIntOrPercent(`${field}.maxUnavailable`, maxUnavailable),
    ...validatePositiveIntOrPercent(`${field}.maxSurge`, maxSurge),
  ]
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(invalidField(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  return [...errors, ...isNotMoreThan100Percent(`${field}.maxUnavailable`, maxUnavailable)]
}

function validatePositiveIntOrPercent(field: string, value: IntOrPercent): FieldError[] {
  return typeof value === 'number' ? validateNonnegativeField(field, value) : validateName(field, value, 'percent')
}

function isNotMoreThan100Percent(field: string, value: IntOrPercent): FieldError[] {
  const over = typeof value === 'string' && /^\d+%$/.test(value) && Number.parseInt(value, 10) > 100
  return over ? [invalidField(field, value, 'must not be greater than 100%')] : []
}

/** A text that is not a percentage counts as zero too. */
function isZero(value: IntOrPercent): boolean {
  return value === 0 || (typeof value === 'string' && !/^0*[1-9]\d*%?$/.test(value))
}

/** The selector of a Deployment or ReplicaSet is immutable. */
export function validateImmutableSelector<T extends Deployment | ReplicaSet>(
  object: T,
  before: T | undefined,
): FieldError[] {
  if (!before || isEqualJson(object.spec?.selector, before.spec?.selector)) return []
  return [invalidField('spec.selector', object.spec?.selector, 'field is immutable')]
}

export function validatePodDisruptionBudget({ spec }: PodDisruptionBudget): FieldError[] {
  if (!spec) return []
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec
  const errors: FieldError[] = []
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const value = {
      MinAvailable: minAvailable,
      Selector: selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: policy ?? null,
    }
    errors.push(invalidField('spec', value, 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const [name, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (value === undefined) continue
    errors.push(
      ...validatePositiveIntOrPercent(`spec.${name}`, value),
      ...isNotMoreThan100Percent(`spec.${name}`, value),
    )
  }
  if (selector) errors.push(...validateLabelSelector('spec.selector', selector))
  const policies = ['AlwaysAllow', 'IfHealthyBudget']
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(notSupportedField('spec.unhealthyPodEvictionPolicy', policy, policies))
  }
  return errors
}
