import { expect, test } from 'vitest'
import { methods } from '../../model/load/client.ts'
import { mayWrite, rejectWrites } from './writes.ts'

test('writes: all methods but the safe ones of RFC 9110 may write', () => {
  expect(methods.filter(mayWrite)).toEqual(['POST', 'PUT', 'PATCH', 'DELETE'])
})

test('writes: the first one is named, unless it is allowed', () => {
  const requests = [{}, { method: 'HEAD' }, { method: 'PUT' }] as const
  expect(() => rejectWrites(requests, false)).toThrow('Cannot send PUT to a target: it may write')
  expect(() => rejectWrites(requests, true)).not.toThrow()
  expect(() => rejectWrites(requests.slice(0, 2), false)).not.toThrow()
})
