import { expect, test } from 'vitest'
import type { Analysis } from '../../model/result.ts'
import {
  changeComparison,
  withDisturbance,
  buildSampleComparison,
  withoutLoss,
} from '../../testing/samples/sample-analyses.ts'
import { formatAnswers, formatQuestion } from './headline.ts'

const sample = buildSampleComparison()
const { rows } = sample
const createRowsWith = (change: (analysis: Analysis) => Partial<Analysis>) => changeComparison(sample, change).rows
const toUnknown = (analysis: Analysis) => withDisturbance('driver overloaded', analysis)

test('the answer names the configurations that lost nothing', () => {
  expect(formatAnswers(rows)).toEqual(['Of 6 configurations, only graceful lost no request.'])
  expect(formatAnswers(createRowsWith((run) => (run.configuration === 'sleep' ? withoutLoss(run) : {})))).toEqual([
    'Of 6 configurations, only sleep and graceful lost no request.',
  ])
})

test('a configuration without a verdict never counts as one that lost nothing', () => {
  expect(formatAnswers(createRowsWith((run) => (run.configuration === 'graceful' ? toUnknown(run) : {})))).toEqual([
    'Of 6 configurations, every one that could be judged lost requests. graceful could not be judged.',
  ])
  expect(formatAnswers(createRowsWith(toUnknown))).toEqual(['None of 6 configurations could be judged.'])
})

test('runs that are missing are told', () => {
  const toMissing = (run: Analysis): Partial<Analysis> =>
    ['sleep', 'graceful'].includes(run.configuration) ? { ...toUnknown(run), ending: 'never-began' } : {}
  expect(formatAnswers(createRowsWith(toMissing))).toEqual([
    'Of 6 configurations, every one that could be judged lost requests. sleep and graceful could not be judged. 2 of 6 planned runs are missing.',
  ])
  const rounds = changeComparison(buildSampleComparison(2), (run) =>
    run.configuration === 'naive' && run.round === 2 ? { ...toUnknown(run), ending: 'cut-short' } : {},
  )
  expect(formatAnswers(rounds.rows)).toEqual([
    'Of 6 configurations, only graceful lost no request. 1 of 12 planned runs is missing.',
  ])
})

test('all clean, all lossy, one row, no row', () => {
  expect(formatAnswers(createRowsWith(withoutLoss))).toEqual(['Of 6 configurations, none lost a request.'])
  expect(formatAnswers(rows.slice(0, 5))).toEqual(['Of 5 configurations, every one lost requests.'])
  expect(formatAnswers(rows.slice(0, 1))[0]).toMatch(/^naive: .*129 of 4998/)
  expect(formatAnswers([])).toEqual(['Nothing was measured.'])
})

test('each scenario gets its own answer', () => {
  const eviction = rows.map((row) => ({ ...row, scenario: 'eviction' }))
  expect(formatAnswers([...rows, ...eviction])).toEqual([
    'rollout on local: Of 6 configurations, only graceful lost no request.',
    'eviction on local: Of 6 configurations, only graceful lost no request.',
  ])
  expect(formatQuestion([...rows, ...eviction])).toMatch(/replaces, moves or removes/)
})
