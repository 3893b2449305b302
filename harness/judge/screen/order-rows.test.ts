import { expect, test } from 'vitest'
import {
  buildSampleComparison,
  changeComparison,
  withDisturbance,
  withoutLoss,
} from '../../testing/samples/sample-analyses.ts'
import { findSafest, groupRows } from './order-rows.ts'

const sample = buildSampleComparison()
const listNames = (rows: typeof sample.rows): string[] => rows.map(({ configuration }) => configuration)

test('order: none lost first, then by what a disruption costs, what is not known last', () => {
  const { rows } = changeComparison(sample, (run) =>
    run.configuration === 'sleep' ? withDisturbance('driver overloaded', run) : {},
  )
  const [group, ...others] = groupRows(rows)
  expect(others).toEqual([])
  expect(listNames(group!.rows)).toEqual(['graceful', 'nginx-quit', 'naive', 'exec', 'app-first', 'sleep'])
  expect(findSafest(group!)?.configuration).toBe('graceful')
})

test('order: of two that lost nothing the one with more rounds, then with more time to spare', () => {
  const { rows } = changeComparison(buildSampleComparison(4), (run) =>
    run.configuration === 'exec' || (run.configuration === 'sleep' && run.round < 4)
      ? withoutLoss(run)
      : run.configuration === 'sleep'
        ? withDisturbance('driver overloaded', run)
        : {},
  )
  const listClean = (): string[] => listNames(groupRows(rows)[0]!.rows.filter(({ lost }) => lost === 0))
  const [exec, graceful] = ['exec', 'graceful'].map((name) => rows.find(({ configuration }) => configuration === name)!)
  const setMargin = (row: typeof exec, fromUs: number): void => {
    row!.margin = { tightest: null as never, round: 1, fromUs, toUs: fromUs, pods: 12 }
  }
  setMargin(exec, 100_000)
  setMargin(graceful, 3_900_000)
  expect(listClean()).toEqual(['graceful', 'exec', 'sleep'])
  setMargin(exec, 4_100_000)
  expect(listClean()).toEqual(['exec', 'graceful', 'sleep'])
})

test('order: each scenario on each cluster is a group, and none without a clean row has a safest one', () => {
  const eviction = sample.rows.slice(0, 2).map((row) => ({ ...row, scenario: 'eviction' }))
  const kind = sample.rows.slice(0, 2).map((row) => ({ ...row, cluster: 'kind' as const }))
  const groups = groupRows([...sample.rows, ...eviction, ...kind])
  expect(groups.map(({ scenario, cluster, rows }) => [scenario, cluster, rows.length])).toEqual([
    ['rollout', 'local', 6],
    ['eviction', 'local', 2],
    ['rollout', 'kind', 2],
  ])
  expect(groups.map(findSafest).map((row) => row?.configuration)).toEqual(['graceful', undefined, undefined])
})
