/** Allocates numbers from a range, as the API server does. */
import { ApiError } from '../schema/status.ts'

/** A random free number from 0 to `count`; `null` when all are taken. */
export function pickFreeNumber(count: number, isTaken: (number: number) => boolean): number | null {
  const first = Math.floor(Math.random() * count)
  for (let tried = 0; tried < count; tried++) {
    const number = (first + tried) % count
    if (!isTaken(number)) return number
  }
  return null
}

/** With the text of `pkg/registry/core/service/ipallocator`. */
export function newErrFull(what: 'serviceIP' | 'nodePort'): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: failed to allocate a ${what}: range is full`)
}
