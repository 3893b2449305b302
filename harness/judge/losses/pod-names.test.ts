import { expect, test } from 'vitest'
import { shortenNames } from './pod-names.ts'

test('what all pods have in common is left out, word by word', () => {
  expect([...shortenNames(['web-6f7d9c5b84-x2k4q', 'web-7c9d8f6b55-m9c6d']).values()]).toEqual([
    '6f7d9c5b84-x2k4q',
    '7c9d8f6b55-m9c6d',
  ])
})

test('names that would lose their meaning stay whole, long ones keep their end', () => {
  expect([...shortenNames(['web-0', 'web-1']).values()]).toEqual(['web-0', 'web-1'])
  expect(shortenNames(['a-very-long-name-of-a-pod-x2k4q']).get('a-very-long-name-of-a-pod-x2k4q')).toBe(
    '…e-of-a-pod-x2k4q',
  )
})
