import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom, hashToFraction, shuffleList } from './random.ts'

const draw = (random: () => number, count: number): number[] => Array.from({ length: count }, random)

test('random: a seed gives the same numbers again, another seed others', () => {
  expect(draw(createRandom(7), 20)).toEqual(draw(createRandom(7), 20))
  expect(draw(createRandom(7), 20)).not.toEqual(draw(createRandom(8), 20))
  // The first outputs of the reference implementation of mulberry32 for the seed 0.
  expect(draw(createRandom(0), 2).map((value) => value * 2 ** 32)).toEqual([1_144_304_738, 1_416_247])
})

test('random: numbers are spread evenly over [0, 1)', () => {
  const counts = (values: number[]): number[] =>
    values.reduce<number[]>(
      (all, value) => all.with(Math.floor(value * 10), all[Math.floor(value * 10)]! + 1),
      Array.from({ length: 10 }, () => 0),
    )
  const keys = Array.from({ length: 5_000 }, (_, key) => key)
  for (const values of [draw(createRandom(1), 5_000), keys.map((key) => hashToFraction(3, key, 4))]) {
    // Binomial, n = 5000, p = 0.1: the standard deviation is 21.
    for (const count of counts(values)) expect(Math.abs(count - 500)).toBeLessThan(110)
  }
})

test('random: a hash changes with each of its arguments', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(1e6), fc.nat(100), (seed, key, other) => {
      const hash = hashToFraction(seed, key, other)
      expect(hash).toBe(hashToFraction(seed, key, other))
      expect(hash).toBeGreaterThanOrEqual(0)
      expect(hash).toBeLessThan(1)
      expect([hashToFraction(seed + 1, key, other), hashToFraction(seed, key + 1, other)]).not.toContain(hash)
      expect(hashToFraction(seed, key, other + 1)).not.toBe(hash)
    }),
  )
})

test('random: a list is shuffled into every order, and the list itself stays as it is', () => {
  const list = ['a', 'b', 'c'] as const
  const random = createRandom(5)
  const orders = Array.from({ length: 200 }, () => shuffleList(list, random).join(''))
  expect([...new Set(orders)].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  expect(list).toEqual(['a', 'b', 'c'])
})
