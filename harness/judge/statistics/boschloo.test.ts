import { expect, test } from 'vitest'
import { testSharesByBoschloo, testShareIsSmaller } from './boschloo.ts'
import { testSharesDiffer } from './exact-tests.ts'

test("Boschloo's test: all of n against none of n is as rare as a coin that falls 2n times as called", () => {
  for (const trials of [1, 3, 4, 10]) {
    const p = testSharesByBoschloo({ events: trials, trials }, { events: 0, trials })
    expect(p).toBeCloseTo(2 * 0.25 ** trials, 12)
  }
})

test("Boschloo's test: with ten rounds each, losses in four decide, where Fisher's needs five", () => {
  const [none, four] = [
    { events: 0, trials: 10 },
    { events: 4, trials: 10 },
  ]
  expect(testSharesByBoschloo(none, four)).toBeLessThan(0.05)
  expect(testSharesDiffer(none, four)).toBeGreaterThan(0.05)
})

test("Boschloo's test: never more cautious than Fisher's, whichever comes first, and silent where shares are equal", () => {
  const trials = 7
  for (let a = 0; a <= trials; a++) {
    for (let b = 0; b <= trials; b++) {
      const [first, second] = [
        { events: a, trials },
        { events: b, trials },
      ]
      const p = testSharesByBoschloo(first, second)
      expect(p).toBeLessThanOrEqual(testSharesDiffer(first, second) + 1e-12)
      expect(p).toBe(testSharesByBoschloo(second, first))
      if (a === b) expect(p).toBe(1)
    }
  }
  expect(testSharesByBoschloo({ events: 0, trials: 0 }, { events: 3, trials: 3 })).toBe(1)
})

test("Boschloo's test: whatever the common share, tables as rare come no more often than it says", () => {
  const trials = 6
  const share = 0.37
  const listOdds = (n: number): number[] =>
    Array.from({ length: n + 1 }, (_, k) => choose(n, k) * share ** k * (1 - share) ** (n - k))
  const odds = listOdds(trials)
  const tables = odds.flatMap((first, a) =>
    odds.map((second, b) => ({
      odds: first * second,
      p: testShareIsSmaller({ events: a, trials }, { events: b, trials }),
    })),
  )
  for (const level of [0.01, 0.05, 0.1, 0.3]) {
    const size = tables.filter(({ p }) => p <= level).reduce((sum, table) => sum + table.odds, 0)
    expect(size).toBeLessThanOrEqual(level)
  }
})

function choose(n: number, k: number): number {
  return k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k
}

test("beyond 500 trials Fisher's test stands in", () => {
  const [first, second] = [
    { events: 10, trials: 600 },
    { events: 30, trials: 600 },
  ]
  expect(testSharesByBoschloo(first, second)).toBe(testSharesDiffer(first, second))
})
