/** Errors about one field of an object, worded as apimachinery's util/validation/field words them. */
import { kinds } from '../store/objects.ts'
import type { Plural } from '../store/objects.ts'
import { ApiError } from '../api/status.ts'

export interface FieldError {
  reason: string
  field: string
  /** Everything after `field: `. */
  body: string
}

export function required(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', field, body: withDetail('Required value', detail) }
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, body: withDetail(`Invalid value: ${shown(value)}`, detail) }
}

export function duplicate(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueDuplicate', field, body: `Duplicate value: ${shown(value)}` }
}

export function notFound(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueNotFound', field, body: `Not found: ${shown(value)}` }
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`
  return { reason: 'FieldValueNotSupported', field, body: withDetail(`Unsupported value: ${shown(value)}`, detail) }
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, body: withDetail('Forbidden', detail) }
}

export function nonNegative(field: string, value: number | undefined): FieldError[] {
  if (value === undefined || value >= 0) return []
  return [invalid(field, value, 'must be greater than or equal to 0')]
}

/** `Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export function invalidObject(kind: { kind: string; group: string }, name: string, errors: FieldError[]): ApiError {
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.body}`))]
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return new ApiError(422, 'Invalid', `${qualified} ${JSON.stringify(name)} is invalid: ${list}`, {
    name,
    ...(kind.group !== '' && { group: kind.group }),
    kind: kind.kind,
    causes: errors.map(({ reason, body, field }) => ({ reason, message: body, field })),
  })
}

export function refuseInvalid(plural: Plural, name: string, errors: FieldError[]): void {
  if (errors.length > 0) throw invalidObject(kinds[plural], name, errors)
}

function withDetail(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`
}

function shown(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value)
}
