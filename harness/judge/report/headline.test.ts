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
  expect(formatAnswers(rows)).toEqual(['graceful lost nothing. The other five lost requests.'])
  expect(formatAnswers(createRowsWith((run) => (run.configuration === 'sleep' ? withoutLoss(run) : {})))).toEqual([
    'sleep and graceful lost nothing. The other four lost requests.',
  ])
})

test('a configuration without a verdict never counts as one that lost nothing', () => {
  expect(formatAnswers(createRowsWith((run) => (run.configuration === 'graceful' ? toUnknown(run) : {})))).toEqual([
    'No configuration is known to be safe: five lost requests. graceful could not be judged.',
  ])
  expect(formatAnswers(createRowsWith(toUnknown))).toEqual(['None of six configurations could be judged.'])
})

test('runs that are missing are told', () => {
  const toMissing = (run: Analysis): Partial<Analysis> =>
    ['sleep', 'graceful'].includes(run.configuration) ? { ...toUnknown(run), ending: 'never-began' } : {}
  expect(formatAnswers(createRowsWith(toMissing))).toEqual([
    'No configuration is known to be safe: four lost requests. sleep and graceful could not be judged. 2 of 6 planned runs are missing.',
  ])
  const rounds = changeComparison(buildSampleComparison(2), (run) =>
    run.configuration === 'naive' && run.round === 2 ? { ...toUnknown(run), ending: 'cut-short' } : {},
  )
  expect(formatAnswers(rounds.rows)).toEqual([
    'graceful lost nothing. The other five lost requests. 1 of 12 planned runs is missing.',
  ])
})

test('all clean, all lossy, one row, no row', () => {
  expect(formatAnswers(createRowsWith(withoutLoss))).toEqual(['None of the six configurations lost a request.'])
  expect(formatAnswers(rows.slice(0, 5))).toEqual(['No configuration is safe: all five lost requests.'])
  expect(formatAnswers(rows.slice(0, 1))[0]).toMatch(/^naive: .*129 of 4998/)
  expect(formatAnswers([])).toEqual(['Nothing was measured.'])
})

test('two configurations, and one that lost beside some that could not be judged', () => {
  expect(formatAnswers(rows.slice(4))).toEqual(['graceful lost nothing. app-first lost requests.'])
  expect(formatAnswers(rows.slice(3, 5))).toEqual(['No configuration is safe: both lost requests.'])
  const open = createRowsWith((run) => (run.configuration === 'naive' ? toUnknown(run) : {}))
  expect(formatAnswers(open)).toEqual(['graceful lost nothing. Four others lost requests. naive could not be judged.'])
  const clean = createRowsWith((run) => (run.configuration === 'naive' ? toUnknown(run) : withoutLoss(run)))
  expect(formatAnswers(clean.slice(0, 3))).toEqual(['exec and nginx-quit lost nothing. naive could not be judged.'])
})

test('each scenario gets its own answer', () => {
  const eviction = rows.map((row) => ({ ...row, scenario: 'eviction' }))
  expect(formatAnswers([...rows, ...eviction])).toEqual([
    'rollout on local: graceful lost nothing. The other five lost requests.',
    'eviction on local: graceful lost nothing. The other five lost requests.',
  ])
  expect(formatQuestion([...rows, ...eviction])).toMatch(/replaces, moves or removes/)
})
