/** Texts that GitHub rejects if they are too long: summaries and comments. */
import { expect, test } from 'vitest'
import { buildSampleComparison, changeComparison } from '../../testing/samples/sample-analyses.ts'
import type { JudgedRuns } from '../report/judged-runs.ts'
import { renderSummary } from '../report/markdown-summary.ts'
import { renderComment, renderStepSummary } from './comment.ts'
import { limitMarkdown } from './limit-markdown.ts'

const toJudged = ({ rows, runs }: Pick<JudgedRuns, 'rows' | 'runs'>): JudgedRuns => ({
  watch: null,
  rows,
  runs,
  decisions: [],
})

test('the summary of 40 runs: is under 1 MiB, and so is one of hundreds, which says what it left out', () => {
  const forty = buildSampleComparison(7)
  expect(forty.runs.length).toBeGreaterThanOrEqual(40)
  expect(renderStepSummary(toJudged(forty), null)).toBe(renderSummary(forty.rows, forty.runs))
  const long = changeComparison(buildSampleComparison(60), () => ({
    verdict: 'unknown',
    because: ['x'.repeat(4_000)],
  }))
  const summary = renderStepSummary(toJudged(long), null)
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(1024 * 1024)
  expect(summary).toMatch(/… [\d,]+ more lines are in/)
  const comment = renderComment(toJudged(long), null)
  expect(Buffer.byteLength(comment)).toBeLessThanOrEqual(65_536)
  expect(comment.startsWith('<!-- nodrop -->\n')).toBe(true)
})

test('Markdown that is cut: closes what is open, counts bytes, keeps what fits', () => {
  expect(limitMarkdown('short\n', 1000)).toBe('short\n')
  const fence = [
    '<details>',
    '```diff',
    ...Array.from({ length: 100 }, () => '+ é'.repeat(5)),
    '```',
    '</details>',
    '',
  ].join('\n')
  const cut = limitMarkdown(fence, 700)
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(700)
  expect(cut).toMatch(/\n```\n<\/details>\n\n… \d+ more lines are in report\.html\.\n$/)
})

test('Markdown that is cut: says how many lines are left out, of all that there were', () => {
  const long = changeComparison(buildSampleComparison(60), () => ({
    verdict: 'unknown',
    because: ['x'.repeat(4_000)],
  }))
  const judged = toJudged(long)
  const count = (text: string): number => text.trimEnd().split('\n').length
  const readRest = (text: string): number =>
    Number(/… ([\d,]+) more lines? (is|are) in/.exec(text)![1]!.replace(',', ''))
  const [whole, cut, comment] = [
    renderSummary(long.rows, long.runs),
    renderStepSummary(judged, null),
    renderComment(judged, null),
  ]
  expect(Buffer.byteLength(whole)).toBeGreaterThan(1024 * 1024)
  // The note and the blank line before it do not count, and the marker of the comment is one more.
  expect(count(cut) - 2 + readRest(cut)).toBe(count(whole))
  expect(count(comment) - 2 + readRest(comment)).toBe(count(whole) + 1)
  const lines = ['a', 'b', 'c'.repeat(300), 'd', ''].join('\n')
  expect(limitMarkdown(lines, 250)).toBe('a\nb\n\n… 2 more lines are in report.html.\n')
  expect(limitMarkdown(['a', 'b'.repeat(300), ''].join('\n'), 250)).toBe('a\n\n… 1 more line is in report.html.\n')
})

test('Markdown that is cut within a fence: is closed by one as long as what opened it, whatever stands in it', () => {
  const cut = limitMarkdown(['````diff', '```', ...Array.from({ length: 100 }, () => '+ text')].join('\n'), 500)
  expect(cut).toMatch(/\n\+ text\n````\n\n… \d+ more lines/)
})
