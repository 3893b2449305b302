/** The four views of a comparison show the same rows with the same values and names. */
import { expect, test } from 'vitest'
import type { ComparisonRow } from '../model/comparison.ts'
import { formatComparison } from './table.ts'
import { renderLine } from './text.ts'
import { buildSampleComparison, changeComparison, withDisturbance } from '../testing/samples/sample-analyses.ts'
import { renderSummary } from '../judge/report/markdown-summary.ts'
import { renderSummaryJson } from '../judge/report/json-summary.ts'
import { renderHtml } from '../judge/report/render-html.ts'
import { comparisonColumns, listColumns } from '../judge/tables/comparison-columns.ts'

const { rows, runs } = changeComparison(buildSampleComparison(3), (analysis) =>
  analysis.configuration === 'sleep' ? withDisturbance('a watch had a gap', analysis) : {},
)

type Table = Map<string, Map<string, string>>

/** Cells by configuration and heading. */
function toTable(headings: readonly string[], lines: readonly (readonly string[])[], name: string): Table {
  const place = headings.indexOf(name)
  return new Map(
    lines.map((cells) => [
      /[a-z-]+/.exec(cells[place] ?? '')?.[0] ?? '',
      new Map(headings.map((heading, index) => [heading.toLowerCase(), cells[index] ?? ''])),
    ]),
  )
}

function readMarkdown(): Table {
  const lines = renderSummary(rows, runs)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.replaceAll('\\', '').slice(2, -2).split(' | '))
  // Other tables follow.
  return toTable(lines[0] ?? [], lines.slice(2, 2 + rows.length), 'Configuration')
}

function readTerminal(): Table {
  const [head = '', ...lines] = formatComparison([...rows], {}).map((line) => renderLine(line, null))
  const headings = head.trim().split(/ {2,}/)
  return toTable(
    headings,
    // Without the mark.
    lines.slice(0, rows.length).map((line) => line.slice(2).split(/ {2,}/)),
    'configuration',
  )
}

function readPage(): Table {
  const page =
    renderHtml({ title: 'three', rows, runs }).split('<table class="comparison"')[1]?.split('</table>')[0] ?? ''
  const read = (text: string, cell: RegExp): string[] =>
    [...text.matchAll(cell)].map(([, content = '']) =>
      content
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll('\u00a0', ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
  const [head = '', ...lines] = page.split('<tr role="row">').slice(1)
  const headings = read(head, /<th[^>]*>(.*?)<\/th>/gs)
  return toTable(
    headings,
    lines.map((line) => read(line, /<t[hd][^>]*>(.*?)<\/t[hd]>/gs)),
    'Configuration',
  )
}

const views = { page: readPage(), markdown: readMarkdown(), terminal: readTerminal() }

test('comparison: page, Markdown and terminal have the same headings and figures', () => {
  for (const [view, table] of Object.entries(views)) {
    expect([...table.keys()]).toEqual(rows.map(({ configuration }) => configuration))
    for (const row of rows) {
      const own = table.get(row.configuration)!
      const columns = listColumns(view as keyof typeof views, rows)
      expect([...own.keys()].toSorted()).toEqual(columns.map(({ heading }) => heading.toLowerCase()).toSorted())
      for (const { key, heading, text } of columns) {
        // The page has signs for outcomes, each with its count.
        if (key === 'outcomes' && view === 'page') continue
        expect(own.get(heading.toLowerCase())).toContain(text(row))
      }
    }
  }
})

test('comparison: figures of a row that could not be judged are shown nowhere', () => {
  for (const table of Object.values(views)) {
    expect(table.get('sleep')?.get('lost')).toMatch(/^–/)
    expect(table.get('sleep')?.get('worst second')).toBe('–')
    expect(table.get('sleep')?.get('held')).toMatch(/undecided/)
  }
})

test('comparison: JSON has every column by its key, in plain numbers', () => {
  const { schema, rows: read } = JSON.parse([...renderSummaryJson(rows)].join('')) as {
    schema: number
    rows: Record<string, unknown>[]
  }
  expect(schema).toBe(1)
  expect(read.map(({ configuration }) => configuration)).toEqual(rows.map(({ configuration }) => configuration))
  for (const row of read) expect(Object.keys(row)).toEqual(comparisonColumns.map(({ key }) => key))
  const naive = rows.find(({ configuration }) => configuration === 'naive')!
  expect(read.find(({ configuration }) => configuration === 'naive')).toMatchObject({
    sent: naive.sent,
    lost: naive.lost,
    lostShare: naive.lost / naive.sent,
    outcomes: { refused: naive.outcomes.find(({ outcome }) => outcome === 'refused')?.count },
    p99Us: naive.p99Us,
    held: true,
    verdict: 'failed',
  })
  expect(read.find(({ configuration }) => configuration === 'sleep')).toMatchObject({
    sent: null,
    lost: null,
    longestOutageUs: null,
    lostPerDisruption: null,
    worstSecond: null,
    margin: null,
    held: null,
    verdict: 'unknown',
  })
})

test('comparison: scenario and cluster stand beside names only where rows differ', () => {
  const other = rows.map((row): ComparisonRow => ({ ...row, scenario: 'eviction' }))
  const names = (some: readonly ComparisonRow[]): string[] => listColumns('terminal', some).map(({ key }) => key)
  expect(names(rows)).not.toContain('scenario')
  expect(names([...rows, ...other])).toContain('scenario')
  expect(names([...rows, ...other])).not.toContain('cluster')
})
