import { expect, test } from 'vitest'
import { listLooksUpTo } from './looks.ts'

test('looks: after more and more rounds, and together no more than the whole error', () => {
  const looks = listLooksUpTo(10_000)
  expect(looks.slice(0, 8).map(({ rounds }) => rounds)).toEqual([4, 6, 8, 12, 16, 24, 32, 48])
  expect(looks.slice(0, 3).map(({ share }) => share)).toEqual([1 / 2, 1 / 6, 1 / 12])
  const spent = looks.reduce((sum, { share }) => sum + share, 0)
  expect(spent).toBeLessThan(1)
  expect(spent).toBeGreaterThan(0.9)
})

test('looks: none before the fourth round', () => {
  expect(listLooksUpTo(3)).toEqual([])
  expect(listLooksUpTo(4)).toHaveLength(1)
})
