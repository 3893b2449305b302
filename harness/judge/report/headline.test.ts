import { expect, test } from 'vitest'
import type { Analysis } from '../../model/result.ts'
import { changedComparison, disturbedBy, sampleComparison, withoutLoss } from '../../testing/samples/sample-analyses.ts'
import { answersOf, questionOf } from './headline.ts'

const sample = sampleComparison()
const { rows } = sample
const rowsWith = (change: (analysis: Analysis) => Partial<Analysis>) => changedComparison(sample, change).rows
const unknown = (analysis: Analysis) => disturbedBy('driver overloaded', analysis)

test('the answer names the configurations that lost nothing', () => {
  expect(answersOf(rows)).toEqual(['Of 6 configurations, only graceful lost no request.'])
  expect(answersOf(rowsWith((run) => (run.configuration === 'sleep' ? withoutLoss(run) : {})))).toEqual([
    'Of 6 configurations, only sleep and graceful lost no request.',
  ])
})

test('a configuration without a verdict never counts as one that lost nothing', () => {
  expect(answersOf(rowsWith((run) => (run.configuration === 'graceful' ? unknown(run) : {})))).toEqual([
    'Of 6 configurations, every one that could be judged lost requests. graceful could not be judged.',
  ])
  expect(answersOf(rowsWith(unknown))).toEqual(['None of 6 configurations could be judged.'])
})

test('runs that are missing are told', () => {
  const missing = (run: Analysis): Partial<Analysis> =>
    ['sleep', 'graceful'].includes(run.configuration) ? { ...unknown(run), ending: 'never-began' } : {}
  expect(answersOf(rowsWith(missing))).toEqual([
    'Of 6 configurations, every one that could be judged lost requests. sleep and graceful could not be judged. 2 of 6 planned runs are missing.',
  ])
  const rounds = changedComparison(sampleComparison(2), (run) =>
    run.configuration === 'naive' && run.round === 2 ? { ...unknown(run), ending: 'cut-short' } : {},
  )
  expect(answersOf(rounds.rows)).toEqual([
    'Of 6 configurations, only graceful lost no request. 1 of 12 planned runs is missing.',
  ])
})

test('all clean, all lossy, one row, no row', () => {
  expect(answersOf(rowsWith(withoutLoss))).toEqual(['Of 6 configurations, none lost a request.'])
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
