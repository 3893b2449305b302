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
