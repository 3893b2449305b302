import { expect, test } from 'vitest'
import type { ComparisonRow } from '../model/result.ts'
import { sampleComparison } from '../testing/analyses.ts'
import { answersOf, questionOf } from './headline.ts'

const { rows } = sampleComparison()
const withRow = (name: string, change: Partial<ComparisonRow>) =>
  rows.map((row) => (row.configuration === name ? { ...row, ...change } : row))

test('the answer names the configurations that lost nothing', () => {
  expect(answersOf(rows)).toEqual(['Of 6 configurations, only graceful lost no request.'])
  expect(answersOf(withRow('sleep', { lost: 0 }))).toEqual([
    'Of 6 configurations, only sleep and graceful lost no request.',
  ])
})

test('a configuration without a verdict never counts as one that lost nothing', () => {
  expect(answersOf(withRow('graceful', { verdict: 'unknown' }))).toEqual([
    'Of 6 configurations, every one that could be judged lost requests. graceful could not be judged.',
  ])
  expect(answersOf(rows.map((row) => ({ ...row, verdict: 'unknown' as const })))).toEqual([
    'None of 6 configurations could be judged.',
  ])
})

test('all clean, all lossy, one row, no row', () => {
  expect(answersOf(rows.map((row) => ({ ...row, lost: 0 })))).toEqual(['Of 6 configurations, none lost a request.'])
  expect(answersOf(rows.slice(0, 5))).toEqual(['Of 5 configurations, every one lost requests.'])
  expect(answersOf(rows.slice(0, 1))[0]).toMatch(/^naive: .*129 of 4998/)
  expect(answersOf([])).toEqual(['Nothing was measured.'])
})

test('each scenario gets its own answer', () => {
  const eviction = rows.map((row) => ({ ...row, scenario: 'eviction' }))
  expect(answersOf([...rows, ...eviction])).toEqual([
    'rollout on local: Of 6 configurations, only graceful lost no request.',
    'eviction on local: Of 6 configurations, only graceful lost no request.',
  ])
  expect(questionOf([...rows, ...eviction])).toMatch(/replaces, moves or removes/)
})
