import { expect, test } from 'vitest'
import type { Trial } from './client-trial.ts'
import { mergeTurns } from './merge-turns.ts'

const createTurn = (cpuUs: number, p99Us: number, rest: Partial<Trial> = {}): Trial => ({
  name: 'one',
  ratePerSecond: 100,
  cpuUs,
  disturbed: 0,
  stolen: 0,
  harnessUs: 0,
  told: 10,
  received: 10,
  failed: 0,
  planned: 10,
  lag: { count: 10, p50Us: 1, p90Us: 2, p99Us, p999Us: 9, maxUs: 10 },
  ...rest,
})

test('turns: the median counts, for CPU time and send lag separately', () => {
  const { cpuUs, lag } = mergeTurns([createTurn(5, 900), createTurn(1, 700), createTurn(9, 100)])
  expect(cpuUs).toBe(5)
  expect(lag?.p99Us).toBe(700)
  expect(mergeTurns([createTurn(5, 900), createTurn(1, 700)]).cpuUs).toBe(1)
})

test('turns: lost requests of any turn are counted, disturbance is the mean', () => {
  const turns = [
    createTurn(5, 1),
    createTurn(1, 1, { told: 9, failed: 1, stolen: 0.3, disturbed: 0.6 }),
    createTurn(9, 1),
  ]
  const { told, received, failed, planned, stolen, disturbed } = mergeTurns(turns)
  expect({ told, received, failed, planned }).toEqual({ told: 29, received: 30, failed: 1, planned: 30 })
  expect(stolen).toBeCloseTo(0.1)
  expect(disturbed).toBeCloseTo(0.2)
})

test('a closed loop plans nothing, and a client without a lag has none', () => {
  const { planned, lag } = mergeTurns([
    createTurn(5, 1, { planned: null, lag: null }),
    createTurn(1, 1, { planned: null, lag: null }),
  ])
  expect(planned).toBeNull()
  expect(lag).toBeNull()
})
