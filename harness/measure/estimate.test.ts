import { expect, test } from 'vitest'
import type { Configuration, Scenario } from '../model/plan.ts'
import { disruptOnce } from '../model/steps/order.ts'
import type { PlannedRun } from './plan-runs.ts'
import { formatEstimate } from './estimate.ts'

function createPlannedRun(name: string, round: number): PlannedRun {
  const steps = disruptOnce({ kind: 'rollout-restart' }, { beforeMs: 3_000, afterMs: 3_000 })
  const scenario = { name: 'rollout', replicas: 3, steps } as unknown as Scenario
  const configuration: Configuration = { name, expects: 'loses', hypothesis: '' }
  return { scenario, file: { configuration, patch: {} }, drivers: 1, via: { kind: 'service' }, round, seed: 1 }
}

test('estimate: how many runs there will be, of what, and how long they take', () => {
  const names = ['naive', 'exec', 'nginx-quit', 'sleep', 'app-first', 'graceful']
  expect(formatEstimate(names.map((name) => createPlannedRun(name, 1)))).toBe(
    '6 runs (scenario rollout, 6 configurations): about 3 to 6 minutes',
  )
  expect(formatEstimate([createPlannedRun('naive', 1)])).toBe(
    '1 run (scenario rollout, 1 configuration): about 1 to 2 minutes',
  )
  expect(formatEstimate([createPlannedRun('naive', 1), createPlannedRun('naive', 2)])).toMatch(
    /^2 runs \(.*, 1 configuration, 2 rounds\)/,
  )
})

test('estimate: of rounds that go on until all is decided it is of one round', () => {
  const planned = [1, 2, 3].flatMap((round) => [createPlannedRun('naive', round), createPlannedRun('graceful', round)])
  expect(formatEstimate(planned, { maxMs: 1_800_000 })).toBe(
    'Rounds of 2 runs (scenario rollout, 2 configurations): about 1 to 2 minutes a round, until all is decided or 30 min are over',
  )
})
