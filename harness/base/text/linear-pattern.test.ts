import { expect, test } from 'vitest'
import { compileLinearPattern, isLinearPattern } from './linear-pattern.ts'

test('linear pattern: one that back-tracks for ever elsewhere ends at once', () => {
  const pattern = compileLinearPattern('^(a+)+$')
  expect(pattern.test('a'.repeat(100_000))).toBe(true)
  expect(pattern.test(`${'a'.repeat(100_000)}!`)).toBe(false)
})

test.each(['(a)\\1', '(?=a)b', 'a{1,1000}', '(', '['])('linear pattern: %s is refused', (pattern) => {
  expect(isLinearPattern(pattern)).toBe(false)
})

test.each(['"status":\\s*"(ok|up)"', '\\bcart\\b', '^<html[^>]*>', 'x{3}'])(
  'linear pattern: %s is taken',
  (pattern) => {
    expect(isLinearPattern(pattern)).toBe(true)
  },
)
