import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planComparison } from './plan-runs.ts'
import type { ComparisonOptions } from './plan-runs.ts'

const home = join(import.meta.dirname, '../..')
const asked: ComparisonOptions = {
  scenario: ['rollout'],
  engine: 'driver',
  drivers: 1,
  via: { kind: 'service' },
  rounds: 1,
  seed: 1,
  scenarios: join(home, 'scenarios'),
  manifests: join(home, 'manifests'),
}
const listRunNames = (more: Partial<ComparisonOptions>): string[] =>
  planComparison({ ...asked, ...more }).map(({ file, round }) => `${round}:${file.configuration.name}`)

test('rounds: one runs every configuration once, in the order of the table', () => {
  expect(listRunNames({})).toEqual(['1:naive', '1:exec', '1:nginx-quit', '1:sleep', '1:app-first', '1:graceful'])
})

test('rounds: each of several runs every configuration once', () => {
  const all = listRunNames({ rounds: 3 })
  for (const round of [1, 2, 3]) {
    const these = all.filter((name) => name.startsWith(`${round}:`)).sort()
    expect(these).toEqual(
      listRunNames({})
        .map((name) => name.replace('1:', `${round}:`))
        .sort(),
    )
  }
})

test('rounds: their order differs, and is the same for the same seed', () => {
  const listOrder = (seed: number): string => listRunNames({ rounds: 4, seed }).join()
  expect(listOrder(7)).toBe(listOrder(7))
  expect(listOrder(7)).not.toBe(listOrder(8))
  const rounds = [1, 2, 3, 4].map((round) =>
    listRunNames({ rounds: 4, seed: 7 })
      .filter((name) => name.startsWith(`${round}:`))
      .map((name) => name.slice(2))
      .join(),
  )
  expect(new Set(rounds).size).toBeGreaterThan(1)
})

test('rounds: each has a seed of its own for its load', () => {
  const seeds = planComparison({ ...asked, rounds: 2, seed: 5, config: ['naive'] }).map(({ seed }) => seed)
  expect(seeds).toEqual([5, 6])
})

test('options: rate and replicas override the scenario', () => {
  const [first] = planComparison({ ...asked, rate: 50, replicas: 5, config: ['naive'] })
  expect(first?.scenario).toMatchObject({ replicas: 5, load: { ratePerSecond: 50 } })
})

test('options: a scale-down that would change nothing is refused', () => {
  expect(() => planComparison({ ...asked, scenario: ['scale-down'], replicas: 2 })).toThrow(
    'nothing would be disrupted',
  )
})

test('autocannon: a closed loop of as many connections as the rate keeps busy', () => {
  const planClosedLoop = (more: Partial<ComparisonOptions>) =>
    planComparison({ ...asked, ...more })[0]?.scenario.load.closedLoop
  expect(planClosedLoop({})).toBeUndefined()
  // The scenario asks for 200 requests/s of 100 ms each.
  expect(planClosedLoop({ engine: 'autocannon' })).toEqual({ engine: 'autocannon', connections: 20 })
  expect(planClosedLoop({ engine: 'autocannon', connections: 7 })).toEqual({ engine: 'autocannon', connections: 7 })
  expect(() => planClosedLoop({ connections: 7 })).toThrow('Cannot use --connections with an open loop')
})
