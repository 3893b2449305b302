/** Failed requests: metav1.Status, with the texts of apimachinery's api/errors. */
import { getErrorMessage } from '../../base/fault.ts'
import { kinds } from '../store/objects.ts'
import type { Plural } from '../store/objects.ts'
import { formatResourceName, StoreError } from '../store/store.ts'
import type { StoreErrorReason } from '../store/store.ts'

export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

export interface Status {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: Record<string, never>
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: StatusDetails
  code: number
}

/** An answer other than success; `status` is the body of the response. */
export class ApiError extends Error {
  readonly status: Status
  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.name = 'ApiError'
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason !== '' && { reason }),
      ...(details && { details }),
      code,
    }
  }
}

export function createSuccess(details?: StatusDetails): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    ...(details && { details }),
    code: 200,
  }
}

export function newBadRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message)
}

/** For an unknown path. */
export function newUnknownPath(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})
}

export function newMethodNotSupported(): ApiError {
  const message = 'the server does not allow this method on the requested resource'
  return new ApiError(405, 'MethodNotAllowed', message, {})
}

export function newUnsupportedMediaType(accepted: string[]): ApiError {
  const list = accepted.join(', ')
  const message = `the body of the request was in an unknown format - accepted media types include: ${list}`
  return new ApiError(415, 'UnsupportedMediaType', message, {})
}

export function newForbidden(plural: Plural, name: string, why: string, causes?: StatusCause[]): ApiError {
  const message = `${formatResourceName(plural)} "${name}" is forbidden: ${why}`
  return new ApiError(403, 'Forbidden', message, { ...createDetails(plural, name), ...(causes && { causes }) })
}

export function newConflict(plural: Plural, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${formatResourceName(plural)} "${name}": ${why}`
  return new ApiError(409, 'Conflict', message, createDetails(plural, name))
}

function createDetails(plural: Plural, name: string): StatusDetails {
  const { group } = kinds[plural]
  return { name, ...(group !== '' && { group }), kind: plural }
}

const codes = { NotFound: 404, AlreadyExists: 409, Conflict: 409, Expired: 410 } satisfies Record<
  StoreErrorReason,
  number
>

/** The Status of an error; an unexpected one becomes a 500. */
export function toStatus(error: unknown): Status {
  if (error instanceof ApiError) return error.status
  if (error instanceof StoreError) {
    const details = error.about && createDetails(error.about.plural, error.about.name)
    return new ApiError(codes[error.reason], error.reason, error.message, details).status
  }
  const message = getErrorMessage(error)
  const details = { causes: [{ message }] }
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, details).status
}
