import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readObjects } from '../plan/objects.ts'
import { comparisonOptions } from '../testing/samples/sample-options.ts'
import { createRunPlan, planComparison } from './plan-runs.ts'
import type { ComparisonOptions } from './plan-runs.ts'

const home = join(import.meta.dirname, '../..')
const asked: ComparisonOptions = comparisonOptions
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

test('rounds: every order of a block is as likely as any other', () => {
  const config = ['naive', 'sleep', 'graceful']
  const names = planComparison({ ...asked, config, rounds: 3_000 }).map(({ file }) => file.configuration.name)
  const orders = Array.from({ length: 3_000 }, (_, block) => names.slice(3 * block, 3 * block + 3).join())
  const counts = [...Map.groupBy(orders, (order) => order).values()].map(({ length }) => length)
  expect(counts).toHaveLength(6)
  // Chi squared with 5 degrees of freedom: above 20.5 in 1 of 1,000.
  expect(counts.reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0)).toBeLessThan(20.5)
})

test('until decided: as many rounds as there may be, every one in random order', () => {
  const plan = (more: Partial<ComparisonOptions>) => planComparison({ ...asked, untilDecided: true, ...more })
  const config = ['naive', 'graceful']
  expect(plan({ config })).toHaveLength(2 * 192)
  expect(plan({ config, rounds: 7 })).toHaveLength(2 * 7)
  expect(() => plan({ config: ['naive'] })).toThrow(
    'Cannot use --until-decided: there is no second configuration to compare with',
  )
  expect(() => plan({ config, repeats: 2 })).toThrow('Cannot use --repeats with --until-decided')
})

test('A/A: the configuration stands among the others a second time, by another name', () => {
  const plan = (config: string[], aa: string | true) => planComparison({ ...asked, config, aa })
  const [first, second, ...others] = plan(['naive', 'graceful'], 'graceful').slice(1)
  expect(others).toEqual([])
  expect(second!.file).toEqual({
    ...first!.file,
    configuration: { ...first!.file.configuration, name: 'graceful-again', sameAs: 'graceful' },
  })
  expect(plan(['sleep'], true).map(({ file }) => file.configuration.name)).toEqual(['sleep', 'sleep-again'])
  expect(() => plan(['naive', 'graceful'], true)).toThrow('there are 2 configurations')
  expect(() => plan(['naive'], 'sleep')).toThrow('sleep is not played')
})

test('rounds: each has a seed of its own for its load', () => {
  const seeds = planComparison({ ...asked, rounds: 2, seed: 5, config: ['naive'] }).map(({ seed }) => seed)
  expect(seeds).toEqual([5, 6])
})

test('options: rate and replicas override the scenario', () => {
  const [first] = planComparison({ ...asked, rate: 50, replicas: 5, config: ['naive'] })
  expect(first?.scenario).toMatchObject({ replicas: 5, load: { ratePerSecond: 50 } })
})

test('settings: requests of their own stand in for those of the scenario, in lanes that share them', () => {
  const requests = [{ path: '/cart' }]
  const [first] = planComparison({ ...asked, requests, config: ['naive'] })
  expect(first?.scenario.load).toMatchObject({ requests, shares: { fresh: 0.5, reused: 0.5, 'reused-post': 0 } })
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

test('autocannon: what it cannot do is refused before anything is started', () => {
  const plan = (more: Partial<ComparisonOptions>) => () => planComparison({ ...asked, engine: 'autocannon', ...more })
  expect(plan({ drivers: 5, connections: 4 })).toThrow('Cannot share 4 connections between 5 drivers: each needs one')
  expect(plan({ drivers: 5, connections: 5 })).not.toThrow()
  // A closed loop has no rate to share.
  expect(plan({ drivers: 5, connections: 5, rate: 2 })).not.toThrow()
  // Without a number there are as many as the rate keeps busy, and one for each driver at least.
  expect(plan({ drivers: 30 })()[0]?.scenario.load.closedLoop?.connections).toBe(30)
})

test('control lane: a twentieth of the rate, and never enough to disturb the workload', () => {
  const controlAt = (rate: number): number | undefined =>
    planComparison({ ...asked, rate, config: ['naive'] })[0]?.scenario.load.controlPerSecond
  expect([40, 200, 400, 5_000].map(controlAt)).toEqual([2, 10, 20, 20])
})

test('runs: more than a comparison may have are refused, and as many as it may are planned', () => {
  expect(() => planComparison({ ...asked, rounds: 1_667 })).toThrow('Cannot plan 10002 runs: a comparison has at most')
  expect(planComparison({ ...asked, rounds: 1_666 })).toHaveLength(9_996)
})

test('several scenarios: each with every configuration, in each round', () => {
  const cells = planComparison({
    ...asked,
    scenario: ['rollout', 'eviction'],
    config: ['naive', 'graceful'],
    rounds: 2,
  })
  const names = cells.map(({ scenario, file, round }) => `${round} ${scenario.name} ${file.configuration.name}`)
  expect(names.toSorted()).toEqual(
    [1, 2].flatMap((round) => [
      `${round} eviction graceful`,
      `${round} eviction naive`,
      `${round} rollout graceful`,
      `${round} rollout naive`,
    ]),
  )
})

test('run: an id that no other run of the comparison has, and the workload of its own configuration', () => {
  const objects = readObjects(join(home, 'manifests/base/web.yaml'))
  const environment = { nodrop: '0', node: '24', kernel: '6', cpus: 2, cpuModel: '', kubernetes: '1.34' }
  const site = { comparison: { id: 'c1', directory: '/nowhere' }, cluster: 'kind' as const, environment, objects }
  const plans = planComparison({ ...asked, rounds: 2, fullRecords: 500 }).map((one) => createRunPlan(one, site))
  expect(new Set(plans.map(({ runId }) => runId)).size).toBe(12)
  expect(plans[0]).toMatchObject({
    runId: expect.stringMatching(/^c1-rollout-[a-z-]+-r1$/),
    cluster: 'kind',
    round: 1,
    fullRecords: 500,
    workload: { name: 'web', containers: { names: ['nginx', 'app'], front: 'nginx' } },
  })
  expect(() => createRunPlan(planComparison(asked)[0]!, { ...site, objects: [] })).toThrow()
})
