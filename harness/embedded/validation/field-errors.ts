/** Errors about one field of an object, with the texts of apimachinery's util/validation/field. */
import { kinds } from '../store/objects.ts'
import type { Plural } from '../store/objects.ts'
import { ApiError } from '../schema/status.ts'

export interface FieldError {
  reason: string
  field: string
  /** Everything after `field: `. */
  body: string
}

export function requiredField(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', field, body: appendDetail('Required value', detail) }
}

export function invalidField(field: string, value: unknown, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, body: appendDetail(`Invalid value: ${formatValue(value)}`, detail) }
}

export function duplicateField(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueDuplicate', field, body: `Duplicate value: ${formatValue(value)}` }
}

export function notFoundField(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueNotFound', field, body: `Not found: ${formatValue(value)}` }
}

export function notSupportedField(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`
  return {
    reason: 'FieldValueNotSupported',
    field,
    body: appendDetail(`Unsupported value: ${formatValue(value)}`, detail),
  }
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, body: appendDetail('Forbidden', detail) }
}

export function validateNonnegativeField(field: string, value: number | undefined): FieldError[] {
  if (value === undefined || value >= 0) return []
  return [invalidField(field, value, 'must be greater than or equal to 0')]
}

/** `Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export function newInvalid(kind: { kind: string; group: string }, name: string, errors: FieldError[]): ApiError {
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

export function throwIfInvalid(plural: Plural, name: string, errors: FieldError[]): void {
  if (errors.length > 0) throw newInvalid(kinds[plural], name, errors)
}

function appendDetail(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`
}

function formatValue(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value)
}
