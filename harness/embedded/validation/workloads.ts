/** Deployments, ReplicaSets and PodDisruptionBudgets: pkg/apis/{apps,policy}/validation of Kubernetes 1.34. */
import { sameJson } from '../store/json.ts'
import type { Deployment, PodDisruptionBudget, ReplicaSet } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import { forbiddenField, invalid, nonNegative, notSupported, required } from './field-errors.ts'
import { selects } from '../store/label-selector.ts'
import { isEmptySelector } from '../store/selector-syntax.ts'
import { annotationErrors, labelErrors, nameErrors, selectorErrors } from './names.ts'
import { podSpecErrors } from './pod.ts'

type IntOrPercent = number | string
type DeploymentSpec = NonNullable<Deployment['spec']>

export function deploymentErrors({ spec }: Deployment): FieldError[] {
  if (!spec) return [required('spec')]
  const { minReadySeconds = 0, progressDeadlineSeconds, revisionHistoryLimit } = spec
  const errors = [
    ...nonNegative('spec.replicas', spec.replicas),
    ...templateErrors(spec),
    ...strategyErrors(spec.strategy),
    ...nonNegative('spec.minReadySeconds', minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', progressDeadlineSeconds),
  ]
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    const detail = 'must be greater than minReadySeconds'
    errors.push(invalid('spec.progressDeadlineSeconds', progressDeadlineSeconds, detail))
  }
  return errors
}

export function replicaSetErrors({ spec }: ReplicaSet): FieldError[] {
  if (!spec) return [required('spec')]
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...templateErrors(spec),
  ]
}

/** The template, and whether the selector selects what is made of it. */
function templateErrors({ selector, template }: Pick<DeploymentSpec, 'selector'> & ReplicaSetTemplate): FieldError[] {
  const errors: FieldError[] = []
  const labels = template?.metadata?.labels
  if (!selector) errors.push(required('spec.selector'))
  else {
    errors.push(...selectorErrors('spec.selector', selector))
    if (isEmptySelector(selector)) {
      errors.push(invalid('spec.selector', selector, 'empty selector is invalid for deployment'))
    }
    // Where it cannot be told what is selected, the template is not looked at.
    if (errors.some(({ field }) => field.includes('.matchExpressions['))) {
      return [...errors, invalid('spec.selector', selector, 'invalid label selector')]
    }
  }
  // No selector selects nothing, an empty one everything.
  if (!selector || !(isEmptySelector(selector) || selects(selector, labels))) {
    const detail = '`selector` does not match template `labels`'
    errors.push(invalid('spec.template.metadata.labels', labels, detail))
  }
  errors.push(...labelErrors('spec.template.labels', labels))
  errors.push(...annotationErrors('spec.template.annotations', template?.metadata?.annotations))
  const spec = template?.spec
  if (!spec) return [...errors, required('spec.template.spec')]
  errors.push(...podSpecErrors('spec.template.spec', spec))
  if (spec.restartPolicy !== 'Always') {
    errors.push(notSupported('spec.template.spec.restartPolicy', spec.restartPolicy, ['Always']))
  }
  if (spec.activeDeadlineSeconds !== undefined) {
    const detail = 'activeDeadlineSeconds in ReplicaSet is not Supported'
    errors.push(forbiddenField('spec.template.spec.activeDeadlineSeconds', detail))
  }
  return errors
}
type ReplicaSetTemplate = Pick<NonNullable<ReplicaSet['spec']>, 'template'>

function strategyErrors(strategy: DeploymentSpec['strategy'] = {}): FieldError[] {
  const field = 'spec.strategy.rollingUpdate'
  if (strategy.type === 'Recreate') {
    const detail = "may not be specified when strategy `type` is 'Recreate'"
    return strategy.rollingUpdate ? [forbiddenField(field, detail)] : []
  }
  if (strategy.type !== 'RollingUpdate') {
    // As the server's own structure has it.
    const value = { Type: strategy.type, RollingUpdate: strategy.rollingUpdate ?? null }
    return [notSupported('spec.strategy', value, ['Recreate', 'RollingUpdate'])]
  }
  const { maxUnavailable = 0, maxSurge = 0 } = strategy.rollingUpdate ?? {}
  const errors = [
    ...intOrPercentErrors(`${field}.maxUnavailable`, maxUnavailable),
    ...intOrPercentErrors(`${field}.maxSurge`, maxSurge),
  ]
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(invalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  return [...errors, ...atMostAll(`${field}.maxUnavailable`, maxUnavailable)]
}

function intOrPercentErrors(field: string, value: IntOrPercent): FieldError[] {
  return typeof value === 'number' ? nonNegative(field, value) : nameErrors(field, value, 'percent')
}

function atMostAll(field: string, value: IntOrPercent): FieldError[] {
  const over = typeof value === 'string' && /^\d+%$/.test(value) && Number.parseInt(value, 10) > 100
  return over ? [invalid(field, value, 'must not be greater than 100%')] : []
}

/** So is a text that is no percentage. */
function isZero(value: IntOrPercent): boolean {
  return value === 0 || (typeof value === 'string' && !/^0*[1-9]\d*%?$/.test(value))
}

/** The selector of a Deployment or ReplicaSet is immutable. */
export function selectorUpdateErrors<T extends Deployment | ReplicaSet>(
  object: T,
  before: T | undefined,
): FieldError[] {
  if (!before || sameJson(object.spec?.selector, before.spec?.selector)) return []
  return [invalid('spec.selector', object.spec?.selector, 'field is immutable')]
}

export function budgetErrors({ spec }: PodDisruptionBudget): FieldError[] {
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
    errors.push(invalid('spec', value, 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const [name, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (value === undefined) continue
    errors.push(...intOrPercentErrors(`spec.${name}`, value), ...atMostAll(`spec.${name}`, value))
  }
  if (selector) errors.push(...selectorErrors('spec.selector', selector))
  const policies = ['AlwaysAllow', 'IfHealthyBudget']
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, policies))
  }
  return errors
}
