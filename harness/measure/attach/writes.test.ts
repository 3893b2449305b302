import { expect, test } from 'vitest'
import { rejectWrites } from './writes.ts'

test('writes: the first method that may write is named, unless it is allowed', () => {
  const requests = [{}, { method: 'HEAD' }, { method: 'PUT' }, { method: 'POST' }] as const
  expect(() => rejectWrites(requests, { allowed: false, scenario: 'rollout' })).toThrow(
    'Cannot send PUT to a target, as it may write (scenario rollout)',
  )
  expect(() => rejectWrites(requests, { allowed: true, scenario: 'rollout' })).not.toThrow()
  expect(() => rejectWrites(requests.slice(0, 2), { allowed: false, scenario: 'rollout' })).not.toThrow()
})
