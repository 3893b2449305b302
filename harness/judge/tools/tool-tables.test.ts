import { expect, test } from 'vitest'
import { loadTools } from '../../model/tools/tool-report.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { buildLaneTable, buildRetryTable, buildRunToolTable, buildToolTable } from './tool-tables.ts'

const { rows, runs } = buildSampleComparison(3)
const naive = rows.find(({ configuration }) => configuration === 'naive')!
const graceful = rows.find(({ configuration }) => configuration === 'graceful')!

test('tools: a row each, a column for each configuration with a judged round', () => {
  const table = buildToolTable([naive, { ...naive, configuration: 'mine', judged: 0 }, graceful])!
  expect(table.heads).toEqual(['tool', 'naive', 'graceful'])
  expect(table.rows.map(([tool]) => tool)).toEqual([...loadTools])
  for (const [, , clean] of table.rows) expect(clean).toBe('0 · exit 0')
  const told = naive.tools.find(({ tool }) => tool === 'hey')!
  expect(table.rows.find(([tool]) => tool === 'hey')).toContain(`${told.errors} of ${told.lost} · exit 0`)
  expect(buildToolTable([{ ...naive, judged: 0 }])).toBeNull()
})

test('tools: exit codes other than 0 say in how many runs', () => {
  const change = (exits: Record<string, number>): string | undefined => {
    const tools = naive.tools.map((report) => ({ ...report, gaveUp: 0, errors: 5, lost: 9, exits }))
    return buildToolTable([{ ...naive, tools }])!.rows[0]![1]
  }
  expect(change({ 99: 3 })).toBe('5 of 9 · exit 99')
  expect(change({ 0: 2, 99: 1 })).toBe('5 of 9 · exit 99 in 1 of 3')
})

test('lanes: each with its own share, and the sentence that shares depend on their mix', () => {
  const lanes = [
    { lane: 'fresh', sent: 1_000, lost: 30 },
    { lane: 'reused', sent: 500, lost: 0 },
  ] as const
  const table = buildLaneTable([{ ...naive, lanes: [...lanes] }])!
  expect(table.heads).toEqual(['configuration', 'fresh', 'reused'])
  expect(table.rows).toEqual([['naive', '30 of 1,000 · 3 %', '0 of 500 · 0 %']])
  expect(table.foot).toMatch(/^Shares depend on the mix of lanes/)
  expect(buildLaneTable([{ ...naive, lanes: lanes.slice(0, 1) }])).toBeNull()
  expect(buildLaneTable([graceful])).toBeNull()
})

test('lanes: of a row they add up to what was sent and lost', () => {
  const sum = (pick: 'sent' | 'lost'): number => naive.lanes.reduce((all, lane) => all + lane[pick], 0)
  expect(sum('lost')).toBe(naive.lost)
  expect(Math.abs(sum('sent') - naive.sent)).toBeLessThan(10)
})

test('retries: every client by name, of the rows that lost; none where nothing was lost', () => {
  const table = buildRetryTable([{ ...naive, lost: 352, retriedBy: { go: 53 } }, graceful])!
  expect(table.heads).toEqual(['client', 'naive'])
  expect(table.rows[0]).toEqual(['Go’s net/http', '53 of 352'])
  expect(table.rows[1]).toEqual(['Chromium', '0 of 352'])
  expect(buildRetryTable([graceful])).toBeNull()
})

test('run: what is counted as errors, retried silently and not counted is all that was lost', () => {
  const { heads, rows: tools } = buildRunToolTable(runs[0]!.analysis)
  expect(tools).toHaveLength(loadTools.length)
  const read = (row: string[], head: string): number => Number(row[heads.indexOf(head)]!.replaceAll(',', ''))
  const columns = ['counted as errors', 'retried silently', 'not counted']
  for (const row of tools) {
    expect(read(row, 'lost')).toBe(columns.reduce((sum, column) => sum + read(row, column), 0))
  }
})

test('several scenarios: names say which', () => {
  const table = buildToolTable([naive, { ...naive, scenario: 'eviction' }])!
  expect(table.heads.slice(1)).toEqual(['naive (rollout, local)', 'naive (eviction, local)'])
})
