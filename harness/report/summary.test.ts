import { expect, test } from 'vitest'
import { sampleComparison } from '../testing/analyses.ts'
import { poisoned } from '../testing/hostile.ts'
import type { ReportedRun } from './reported-run.ts'
import { renderSummary } from './summary.ts'

const { rows, runs } = sampleComparison(3)
const unexpected = (run: ReportedRun, reason: string): ReportedRun => ({
  ...run,
  analysis: { ...run.analysis, verdict: 'unknown', hypothesis: { expects: 'loses', held: null }, because: [reason] },
})

test('the answer comes first, then a row for each configuration', () => {
  const lines = renderSummary(rows, runs).split('\n')
  expect(lines[0]).toBe('## Of 6 configurations, only graceful lost no request.')
  expect(lines.filter((line) => line.startsWith('| **'))).toHaveLength(6)
  expect(lines.find((line) => line.startsWith('| **graceful**'))).toMatch(
    /\| 0 \| 14,994 in 3 rounds \|.*held \| ✅ passed \|$/,
  )
})

test('runs that did not go as expected are told one by one', () => {
  expect(renderSummary(rows, runs)).not.toContain('###')
  const doubtful = runs.map((run, index) => (index === 0 ? unexpected(run, 'a watch had a gap') : run))
  expect(renderSummary(rows, doubtful)).toMatch(
    /### Runs that did not go as expected\n\n- ❔ could not be judged: naive, round 1: a watch had a gap\./,
  )
})

test('hostile text makes no element, link, mention or cell', () => {
  const markdown = renderSummary(poisoned(rows), poisoned(runs))
  expect(markdown.replaceAll('<br>', '')).not.toMatch(/[<>@]|(?<!\\)\[|[\u202a-\u202e]/)
  for (const line of markdown.split('\n').filter((text) => text.startsWith('| **'))) {
    expect(line.match(/(?<!\\)\|/g)).toHaveLength(12)
  }
})

test('a summary stays below 1 MiB and says what it leaves out', () => {
  const many = Array.from({ length: 4_000 }, () => runs[0]).filter((run) => run !== undefined)
  const long = many.map((run) => unexpected(run, 'é'.repeat(400)))
  const markdown = renderSummary(rows, long)
  expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(1024 * 1024)
  expect(markdown).toMatch(/… [\d,]+ more lines are in report\.html\.\n$/)
})
