import { expect, test } from 'vitest'
import { computeLogChoose } from './exact-binomial.ts'
import { compareLosses, errorShares } from './compare-losses.ts'
import { testSharesByBoschloo } from './boschloo.ts'

test('one loses in more rounds: the share decides, and who leans where', () => {
  const found = compareLosses([0, 0, 0, 0], [3, 9, 1, 4])
  expect(found).toMatchObject({ by: 'rounds-with-loss', tests: { lostPerRound: 2 / 2 ** 4 } })
  expect(found.p).toBeCloseTo((2 * 0.25 ** 4) / 0.9, 12)
  expect(found.lean).toBeLessThan(0)
  expect(compareLosses([3, 9, 1, 4], [0, 0, 0, 0]).lean).toBeGreaterThan(0)
})

test('both lose in every round: the amounts have the whole error, and a tenth of it where a round lost nothing', () => {
  const more = [60, 70, 65, 80, 75, 90]
  expect(compareLosses([6, 7, 6, 8, 7, 9], more)).toMatchObject({ by: 'lost-per-round', p: 2 / 2 ** 6 })
  const { p, tests } = compareLosses([6, 7, 6, 8, 7, 0], more)
  expect(tests.lostPerRound).toBe(2 / 2 ** 6)
  expect(p).toBeCloseTo((10 * 2) / 2 ** 6, 12)
})

test('nothing lost, or no round, says nothing', () => {
  expect(compareLosses([0, 0, 0], [0, 0, 0]).p).toBe(1)
  expect(compareLosses([], []).p).toBe(1)
})

test('the error of both tests together is kept, whatever share of rounds loses requests', () => {
  for (const trials of [3, 4, 6, 10, 16]) {
    const tables = Array.from({ length: trials + 1 }, (_, a) =>
      Array.from({ length: trials + 1 }, (_, b) => ({
        a,
        b,
        p: testSharesByBoschloo({ events: a, trials }, { events: b, trials }),
      })),
    ).flat()
    for (const level of [0.05, 0.025, 0.05 / 6, 0.05 / 15]) {
      for (let share = 0.02; share < 1; share += 0.02) {
        const getOdds = (k: number): number =>
          Math.exp(computeLogChoose(trials, k) + k * Math.log(share) + (trials - k) * Math.log(1 - share))
        const byShares = tables
          .filter(({ p }) => p <= errorShares.roundsWithLoss * level)
          .reduce((sum, { a, b }) => sum + getOdds(a) * getOdds(b), 0)
        const allLossy = share ** (2 * trials)
        // The permutation test finds no more than its share of the remaining error.
        const byAmounts = level * (allLossy + errorShares.lostPerRound * (1 - allLossy))
        expect(byShares + byAmounts).toBeLessThanOrEqual(level * (1 + 1e-9))
      }
    }
  }
})
