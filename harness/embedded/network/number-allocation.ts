/** What the API server gives out of a range. */
import { ApiError } from '../schema/status.ts'

/** One of the numbers from 0 to `count` that are not taken, at random; `null` when all are. */
export function pickFreeNumber(count: number, isTaken: (number: number) => boolean): number | null {
  const first = Math.floor(Math.random() * count)
  for (let tried = 0; tried < count; tried++) {
    const number = (first + tried) % count
    if (!isTaken(number)) return number
  }
  return null
}

/** Worded as in `pkg/registry/core/service/ipallocator`. */
export function newErrFull(what: 'serviceIP' | 'nodePort'): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: failed to allocate a ${what}: range is full`)
}
