import { expect, test } from 'vitest'
import {
  buildSampleComparison,
  changeComparison,
  withDisturbance,
  withoutLoss,
} from '../../testing/samples/sample-analyses.ts'
import { groupRows } from './order-rows.ts'
import { answerScreen } from './screen-answer.ts'
import type { ScreenAnswer } from './screen-answer.ts'

type Comparison = ReturnType<typeof buildSampleComparison>

const answer = ({ rows }: Comparison, notes: readonly string[] = []): ScreenAnswer =>
  answerScreen(groupRows(rows), notes)
/** The rows of some configurations. */
const pick = ({ rows, runs }: Comparison, ...names: string[]): Comparison => ({
  rows: rows.filter(({ configuration }) => names.includes(configuration)),
  runs,
})
const rename = (comparison: Comparison, scenario: string): Comparison => ({
  rows: comparison.rows.map((row) => ({ ...row, scenario })),
  runs: comparison.runs,
})
const join = (...all: Comparison[]): Comparison => ({
  rows: all.flatMap(({ rows }) => rows),
  runs: all.flatMap(({ runs }) => runs),
})

test('one round: the safe one by name, and that a zero of one round proves little', () => {
  expect(answer(buildSampleComparison())).toEqual({
    names: 'graceful',
    lost: false,
    says: 'lost nothing.',
    others: 'The other five lost requests.',
    below: ['One rollout each: enough to see what loses requests, too few to trust 0 of 4,998.'],
  })
})

test('ten rounds: the zero in requests and in rollouts', () => {
  // 1 − 0.05^(1/10) = 25.9 %; with x = ln 20 / 49,980 the bound is 1 − e^−x, and 1/(1 − e^−x) = 1/x + 1/2 + … = 16,684.2.
  expect(answer(buildSampleComparison(10)).below).toEqual([
    'Ten rollouts each. 0 of 49,980 requests lost: at 95 % fewer than 1 in 16,684, and up to 26 % of rollouts may still lose some.',
  ])
})

test('no configuration is safe: none is named', () => {
  const { names, says, others } = answer(pick(buildSampleComparison(), 'naive', 'exec'))
  expect([names, says, others]).toEqual(['', 'No configuration is safe: both lost requests.', ''])
})

test.each<[string, Comparison, Partial<ScreenAnswer>]>([
  [
    'clean',
    pick(buildSampleComparison(5), 'graceful'),
    { names: 'graceful', lost: false, says: 'lost nothing in 5 rollouts.' },
  ],
  ['lossy, once', pick(buildSampleComparison(), 'sleep'), { lost: true, says: 'lost 21 requests in 1 rollout.' }],
  ['lossy, often', pick(buildSampleComparison(3), 'sleep'), { lost: true, says: 'lost 21 requests per rollout.' }],
  [
    'undecided',
    pick(
      changeComparison(buildSampleComparison(), (run) => withDisturbance('driver overloaded', run)),
      'sleep',
    ),
    { lost: null, says: 'could not be judged.', below: ['Driver overloaded.'] },
  ],
])('a single target, %s, has its own answer', (_, comparison, expected) => {
  expect(answer(comparison)).toMatchObject(expected)
})

test('a single target that lost in few of its rounds: no median of 0 is told as what it lost', () => {
  const { rows, runs } = pick(buildSampleComparison(3), 'sleep')
  const seldom = rows.map((row) => ({ ...row, lost: 5, lostPerDisruption: { median: 0, min: 0, max: 5, rounds: 3 } }))
  expect(answer({ rows: seldom, runs }).says).toBe('lost 5 requests in 3 rollouts.')
})

test('several scenarios: only what lost nothing in all of them is safe', () => {
  const rollout = buildSampleComparison()
  const drain = changeComparison(buildSampleComparison(), (run) =>
    run.configuration === 'exec' ? withoutLoss(run) : {},
  )
  expect(answer(join(rollout, rename(drain, 'drain')))).toMatchObject({
    names: 'graceful',
    lost: false,
    says: 'lost nothing in both scenarios.',
    others: 'Five others lost requests in at least one.',
  })
  const bad = join(rollout, rename(pick(drain, 'naive', 'exec'), 'drain'))
  expect(answer(join(pick(rollout, 'naive'), rename(pick(drain, 'exec'), 'drain')))).toMatchObject({
    names: '',
    lost: null,
    says: 'No configuration is known to be safe in both scenarios.',
    below: ['One was not judged in every one.'],
  })
  expect(answer({ ...bad, rows: bad.rows.filter(({ configuration }) => configuration === 'naive') })).toMatchObject({
    names: '',
    says: 'No configuration is safe in both scenarios.',
  })
})

test('a watch is answered by what its session says', () => {
  expect(answer(pick(buildSampleComparison(), 'sleep'), ['3 episodes.', 'Between them nothing was lost.'])).toEqual({
    names: '',
    lost: null,
    says: '3 episodes.',
    others: '',
    below: ['Between them nothing was lost.'],
  })
  expect(answer({ rows: [], runs: [] }).says).toBe('Nothing was measured.')
})
