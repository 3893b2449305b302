/** Lifecycle hooks and probes: validateHandler and its callers in pkg/apis/core/validation of Kubernetes 1.34. */
import { constants } from 'node:os'
import type { Container, LifecycleHandler, PodSpec, Probe } from '../store/objects.ts'
import type { FieldError } from './field-errors.ts'
import {
  forbiddenField,
  invalidField,
  validateNonnegativeField,
  notSupportedField,
  requiredField,
} from './field-errors.ts'
import { validateName, validatePortNumOrName } from './names.ts'

type Handler = LifecycleHandler & Pick<Probe, 'grpc'>
const handlerTypes = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const

export function validateLifecycle(field: string, lifecycle: Container['lifecycle'], spec: PodSpec): FieldError[] {
  if (!lifecycle) return []
  const { postStart, preStop, stopSignal } = lifecycle
  return [
    ...(postStart ? validateHandler(`${field}.postStart`, postStart, spec) : []),
    ...(preStop ? validateHandler(`${field}.preStop`, preStop, spec) : []),
    ...(stopSignal === undefined ? [] : validateStopSignal(`${field}.stopSignal`, stopSignal, spec)),
  ]
}

/** Exactly one handler, and a valid one. */
function validateHandler(field: string, handler: Handler, spec: PodSpec): FieldError[] {
  const [first, ...others] = handlerTypes.filter((type) => handler[type] !== undefined)
  if (first === undefined) return [requiredField(field, 'must specify a handler type')]
  const extra = others.map((type) => forbiddenField(`${field}.${type}`, 'may not specify more than 1 handler type'))
  const path = `${field}.${first}`
  switch (first) {
    case 'exec':
      return (handler.exec?.command?.length ?? 0) === 0 ? [requiredField(`${path}.command`), ...extra] : extra
    case 'httpGet':
      return [...validateHttpGetAction(path, handler.httpGet), ...extra]
    case 'tcpSocket':
      return [...validatePortNumOrName(`${path}.port`, handler.tcpSocket?.port), ...extra]
    case 'grpc':
      return [...validatePortNumOrName(`${path}.port`, handler.grpc?.port), ...extra]
    case 'sleep':
      return [...validateSleepAction(path, handler.sleep?.seconds ?? 0, spec), ...extra]
    default:
      return first satisfies never
  }
}

function validateHttpGetAction(field: string, http: Handler['httpGet']): FieldError[] {
  const errors = validatePortNumOrName(`${field}.port`, http?.port)
  const schemes = ['HTTP', 'HTTPS']
  if (!schemes.includes(http?.scheme ?? '')) errors.push(notSupportedField(`${field}.scheme`, http?.scheme, schemes))
  for (const { name } of http?.httpHeaders ?? []) errors.push(...validateName(`${field}.httpHeaders`, name, 'header'))
  return errors
}

/** A sleep of zero seconds is allowed since 1.34 (PodLifecycleSleepActionAllowZero is stable). */
function validateSleepAction(
  field: string,
  seconds: number,
  { terminationGracePeriodSeconds: grace = 30 }: PodSpec,
): FieldError[] {
  if (seconds >= 0 && seconds <= grace) return []
  return [invalidField(field, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`)]
}

function validateStopSignal(field: string, signal: string, spec: PodSpec): FieldError[] {
  if (spec.os === undefined) {
    return [forbiddenField(field, 'may not be set for containers with empty `spec.os.name`')]
  }
  const supported = Object.keys(constants.signals).sort()
  return supported.includes(signal) || /^SIGRT(MIN(\+\d+)?|MAX(-\d+)?)$/.test(signal)
    ? []
    : [notSupportedField(field, signal, supported)]
}

export function validateProbes(field: string, container: Container, spec: PodSpec): FieldError[] {
  return (['livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((name) => {
    const probe = container[name]
    if (!probe) return []
    const path = `${field}.${name}`
    const errors = validateHandler(path, probe, spec)
    const numbers = [
      'initialDelaySeconds',
      'timeoutSeconds',
      'periodSeconds',
      'successThreshold',
      'failureThreshold',
    ] as const
    for (const number of numbers) errors.push(...validateNonnegativeField(`${path}.${number}`, probe[number]))
    const grace = probe.terminationGracePeriodSeconds
    if (name === 'readinessProbe' && grace !== undefined) {
      errors.push(invalidField(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'))
    } else if (grace !== undefined && grace <= 0) {
      errors.push(invalidField(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
    }
    if (name !== 'readinessProbe' && probe.successThreshold !== 1) {
      errors.push(invalidField(`${path}.successThreshold`, probe.successThreshold, 'must be 1'))
    }
    return errors
  })
}
