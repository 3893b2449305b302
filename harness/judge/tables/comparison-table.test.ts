/** The page's first table, by its cells. */
import { expect, test } from 'vitest'
import type { ComparisonRow } from '../../model/comparison.ts'
import { parsePage } from '../../testing/html-elements.ts'
import type { Page } from '../../testing/html-elements.ts'
import { buildSampleComparison, changeComparison, withDisturbance } from '../../testing/samples/sample-analyses.ts'
import { renderComparisonTable } from './comparison-table.ts'

const sample = buildSampleComparison(3)
const render = ({ rows, runs } = sample): Page => parsePage(renderComparisonTable(rows, runs))
const renderRow = (change: Partial<ComparisonRow>): Page =>
  render({ rows: [{ ...sample.rows[0]!, ...change }], runs: sample.runs })

test('rows: a configuration each, its hypothesis, a link to its first run', () => {
  const page = render()
  expect(page.texts('tbody .name')).toEqual(sample.rows.map(({ configuration }) => configuration))
  expect(page.texts('tbody .hypothesis')[0]).toBe(sample.runs[0]!.plan.configuration.hypothesis)
  expect(page.list('tbody .name a')[0]!.getAttribute('href')).toBe(`#run=${sample.runs[0]!.analysis.runId}`)
})

test('rows: of a configuration whose runs are not at hand the name is no link', () => {
  const page = parsePage(renderComparisonTable(sample.rows, []))
  expect(page.texts('tbody .name')).toHaveLength(6)
  expect(page.list('tbody .name a').length).toBe(0)
})

test('place: scenario and cluster only where they are not the same for all', () => {
  expect(render().list('.place').length).toBe(0)
  const rows = [sample.rows[0]!, { ...sample.rows[0]!, cluster: 'kind' as const }]
  expect(render({ rows, runs: sample.runs }).texts('.place')).toEqual(['rollout · local', 'rollout · kind'])
})

test('lost: the figure, of how many, and in how many rounds', () => {
  const cell = renderRow({ lost: 1_200, sent: 60_000, roundsWithLoss: 2, judged: 3 }).texts('td.c-lost')[0]
  expect(cell).toContain('1,200 of 60,000 · 2 %')
  expect(cell).toContain('2 of 3 rounds with loss')
})

test('lost: what became of rounds that do not count stands below', () => {
  const account = '2 of 3 rounds judged; left out: round 3 (driver overloaded)'
  expect(renderRow({ account }).texts('.c-lost .account')).toEqual([account])
})

test('not judged: no figure of the row, and what was seen apart from it', () => {
  const unjudged = changeComparison(sample, (run) => withDisturbance('late', run))
  const page = render(unjudged)
  const { rounds } = unjudged.rows[0]!
  const lost = rounds.reduce((sum, round) => sum + round.lost, 0)
  expect(page.texts('.c-lost')[1]).toMatch(new RegExp(`^– without a verdict: ${lost} of 14,994 lost`))
  for (const key of ['worstSecond', 'margin', 'outcomes']) expect(page.texts(`td.c-${key}`)[0]).toBe('–')
})

test('cells: each has the label and the value that folding and sorting need', () => {
  const page = render()
  const headings = page.texts('thead th').slice(1)
  const cells = page.list('tbody tr')[0] === undefined ? [] : page.list('tbody tr:first-child td')
  expect(cells.map((cell) => cell.getAttribute('data-label'))).toEqual(headings)
  const lost = page.list('td.c-lost').map((cell) => Number(cell.getAttribute('data-value')))
  expect(lost).toEqual(sample.rows.map((row) => row.lost))
  expect(renderRow({ p99Us: null }).only('td.c-p99Us').getAttribute('data-value')).toBe('-1')
})

test('headings: what a column says is there for who asks', () => {
  for (const heading of render().list('thead th')) expect(heading.getAttribute('title')).toMatch(/\.$/)
  expect(render().only('thead th.c-outcomes').getAttribute('data-sort')).toBe('none')
  expect(render().only('thead th.c-p99Us').getAttribute('data-sort')).toBe('number')
  expect(render().only('thead th.c-verdict').getAttribute('data-sort')).toBe('text')
})

test('caption: the scale of the dots, and what a dashed one is', () => {
  expect(render().texts('caption')[0]).toMatch(/square-root scale up to [\d,]+\); a ring is a round without loss\./)
  const some = changeComparison(sample, (run) =>
    run.configuration === 'naive' && run.round === 1 ? withDisturbance('late', run) : {},
  )
  expect(render(some).texts('caption')[0]).toContain('a dashed one a round that does not count')
})

test('narrow cells: no line breaks between a figure and its unit', () => {
  const page = renderRow({ waited: 312, longestWaitUs: 4_100_000 })
  expect(page.list('.c-worstSecond .of').at(-1)!.textContent).toBe('312 waited up to 4.1\u00a0s')
})
