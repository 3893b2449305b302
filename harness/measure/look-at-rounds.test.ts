import { expect, test } from 'vitest'
import type { RowRounds } from '../judge/statistics/pair-rounds.ts'
import { lookAtRounds } from './look-at-rounds.ts'

function buildRow(configuration: string, lost: number, rounds: number, more: Partial<RowRounds> = {}): RowRounds {
  const verdict = lost > 0 ? ('failed' as const) : ('passed' as const)
  return {
    scenario: 'rollout',
    configuration,
    cluster: 'local',
    rounds: Array.from({ length: rounds }, (_, place) => {
      return { round: place + 1, runIds: [], runId: '', sent: 1, lost, state: 'judged' as const, verdict }
    }),
    ...more,
  }
}

const limits = { mostRounds: 192, elapsedMs: 60_000, maxMs: 1_800_000 }
const look = (round: number, lost: readonly number[], more: Partial<typeof limits> = {}) =>
  lookAtRounds(
    lost.map((count, place) => buildRow(`c${place}`, count, round)),
    { ...limits, round, ...more },
  )

test('rounds end when every pair is decided, at a look', () => {
  expect(look(3, [0, 90])).toEqual({ goesOn: true, says: null })
  expect(look(4, [0, 90])).toEqual({ goesOn: false, says: '1 of 1 pair decided after 4 rounds' })
})

test('rounds go on while a pair is undecided, and each look is told', () => {
  expect(look(8, [0, 90, 0])).toEqual({ goesOn: true, says: '2 of 3 pairs decided after 8 rounds' })
  expect(look(9, [0, 90, 0])).toEqual({ goesOn: true, says: null })
})

test('rounds end before one that would take longer than there is time for', () => {
  expect(look(9, [0, 0], { elapsedMs: 90_000, maxMs: 100_000 }).goesOn).toBe(true)
  expect(look(9, [0, 0], { elapsedMs: 90_001, maxMs: 100_000 })).toEqual({
    goesOn: false,
    says: 'The time is used up: 0 of 1 pair decided after 9 rounds',
  })
})

test('rounds end at their limit', () => {
  expect(look(7, [0, 0], { mostRounds: 7 })).toEqual({
    goesOn: false,
    says: 'No more rounds: 0 of 1 pair decided after 7 rounds',
  })
})

test('rounds end when none of the first three could be judged', () => {
  const disturbed = (rounds: number): RowRounds => ({
    ...buildRow('graceful', 0, rounds),
    rounds: buildRow('graceful', 0, rounds).rounds.map((round) => ({
      ...round,
      state: 'missing' as const,
      because: 'over quota',
    })),
  })
  const see = (round: number) =>
    lookAtRounds([buildRow('naive', 9, round), disturbed(round)], { ...limits, round, elapsedMs: 1 })
  expect(see(2).goesOn).toBe(true)
  expect(see(3)).toEqual({ goesOn: false, says: 'No more rounds: none of graceful could be judged after 3 rounds' })
})

test('a configuration that is compared with itself is not waited for beside others', () => {
  const rows = [
    buildRow('naive', 90, 8),
    buildRow('graceful', 0, 8),
    buildRow('graceful-again', 0, 8, { sameAs: 'graceful' }),
  ]
  expect(lookAtRounds(rows, { ...limits, round: 8 }).goesOn).toBe(false)
  expect(lookAtRounds(rows.slice(1), { ...limits, round: 8 }).goesOn).toBe(true)
})
