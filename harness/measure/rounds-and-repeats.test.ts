import { expect, test } from 'vitest'
import type { ComparisonPlan, RunPlan } from '../model/plan.ts'
import type { Analysis } from '../model/result.ts'
import { buildPlan } from '../testing/samples/rollout-log.ts'
import { buildComparisonPlan, computeMaxRepeats, findNextRepeat } from './rounds-and-repeats.ts'

const comparison = { id: 'c', directory: '/nowhere' }
const createRunPlan = (name: string, round: number): RunPlan => ({
  ...buildPlan({}, { name }),
  runId: `c-rollout-${name}-r${round}`,
  round,
  seed: round,
})
const createRounds = (count: number): RunPlan[] =>
  Array.from({ length: count }, (_, index) =>
    ['naive', 'graceful'].map((name) => createRunPlan(name, index + 1)),
  ).flat()
const createPlan = (count: number, mostRepeats = computeMaxRepeats(count)): ComparisonPlan =>
  buildComparisonPlan({ comparison, plans: createRounds(count), mostRepeats })

/** Every run planned so far, judged `passed` except the named ones. */
function completeRuns(plan: ComparisonPlan, disturbed: readonly string[], more: Partial<Analysis> = {}) {
  return [...plan.runs, ...plan.repeats].map(({ dir }) => {
    const isDisturbed = disturbed.some((name) => dir.includes(name))
    const verdict = isDisturbed ? 'unknown' : 'passed'
    const analysis = { verdict, ending: 'complete', because: ['driver overloaded'], ...(isDisturbed && more) }
    return { dir, plan: createRunPlan('', 1), analysis: analysis as unknown as Analysis }
  })
}

test('repeats: half as many rounds again, rounded up, so one of a single one', () => {
  expect([1, 2, 3, 10].map(computeMaxRepeats)).toEqual([1, 1, 2, 5])
})

test('plan: each cell once, each run with its directory, in order', () => {
  const plan = createPlan(6)
  expect(plan.cells.map(({ configuration }) => configuration.name)).toEqual(['naive', 'graceful'])
  expect(plan.runs).toHaveLength(12)
  expect(plan.runs[2]).toEqual({
    dir: '03-rollout-naive-r2',
    runId: 'c-rollout-naive-r2',
    cell: 0,
    round: 2,
    seed: 2,
  })
  expect(plan).toMatchObject({ id: 'c', rounds: 6, mostRepeats: 3, repeats: [] })
})

test('repeats: a name and a number of their own, the same seed', () => {
  const plan = createPlan(2)
  expect(findNextRepeat(plan, completeRuns(plan, []))).toBeNull()
  expect(findNextRepeat(plan, completeRuns(plan, ['naive-r2']))).toEqual({
    dir: '5-rollout-naive-r2-run2',
    runId: 'c-rollout-naive-r2-run2',
    cell: 0,
    round: 2,
    seed: 2,
    attempt: 2,
    because: 'driver overloaded',
  })
})

test.each<Partial<Analysis>>([{ ending: 'cut-short' }, { ending: 'never-began' }, { ending: 'unreadable' }])(
  'repeats: no run that did not go through to its end: %o',
  (more) => {
    const plan = createPlan(2)
    expect(findNextRepeat(plan, completeRuns(plan, ['naive-r2'], more))).toBeNull()
  },
)

/** The directories of all repeats until there are no more, when every run of the named rounds is disturbed. */
function listAllRepeats(plan: ComparisonPlan, disturbed: readonly string[]): string[] {
  const repeat = findNextRepeat(plan, completeRuns(plan, disturbed))
  if (repeat === null) return plan.repeats.map(({ dir }) => dir)
  return listAllRepeats({ ...plan, repeats: [...plan.repeats, repeat] }, disturbed)
}

test('repeats: every disturbed round once before any is twice', () => {
  expect(listAllRepeats(createPlan(6), ['naive-r2', 'naive-r5', 'graceful-r1'])).toEqual([
    '13-rollout-graceful-r1-run2',
    '14-rollout-naive-r2-run2',
    '15-rollout-naive-r5-run2',
    '16-rollout-graceful-r1-run3',
    '17-rollout-naive-r2-run3',
    '18-rollout-graceful-r1-run4',
  ])
  expect(listAllRepeats(createPlan(1), ['naive', 'graceful'])).toEqual([
    '3-rollout-naive-r1-run2',
    '4-rollout-graceful-r1-run2',
  ])
  expect(listAllRepeats(createPlan(6, 0), ['naive'])).toEqual([])
})
