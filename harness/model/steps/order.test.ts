import { describe, expect, test } from 'vitest'
import type { Disruption } from '../disruptions/disruptions.ts'
import { describeSteps } from './labels.ts'
import {
  computeUndisturbed,
  countReplicasAfter,
  disruptOnce,
  explainImpossibleSteps,
  explainWrongSteps,
  getStepsNoun,
  listDisruptions,
  listSteps,
  splitSteps,
} from './order.ts'
import { stepSchema } from './steps.ts'
import type { ScenarioStep } from './steps.ts'

const steady = (forMs: number): ScenarioStep => ({ kind: 'steady', forMs })
const settled: ScenarioStep = { kind: 'until-settled' }
const restart: Disruption = { kind: 'rollout-restart' }
const scaleTo = (to: number): Disruption => ({ kind: 'scale', to })
const repeat = (times: number, ...steps: ScenarioStep[]): ScenarioStep => ({ kind: 'repeat', times, steps })
const together = (...steps: ScenarioStep[]): ScenarioStep => ({ kind: 'together', steps })
const between = (...steps: ScenarioStep[]): ScenarioStep[] => [steady(2000), ...steps, settled, steady(3000)]

test('order: repetitions are written out, and every step has its number', () => {
  const steps = [steady(1), repeat(2, restart, settled), together(scaleTo(2), repeat(2, restart)), settled]
  expect(listSteps(steps).map(({ number, step }) => [number, step.kind])).toEqual([
    [1, 'steady'],
    [2, 'rollout-restart'],
    [3, 'until-settled'],
    [4, 'rollout-restart'],
    [5, 'until-settled'],
    [6, 'scale'],
    [7, 'rollout-restart'],
    [8, 'rollout-restart'],
    [9, 'until-settled'],
  ])
  expect(listDisruptions(steps).map(({ number }) => number)).toEqual([2, 4, 6, 7, 8])
})

test('phases: from the first disruption until the workload has settled after the last', () => {
  const steps = [steady(1000), steady(500), restart, settled, steady(700), scaleTo(2), settled, steady(3000)]
  const { before, during, after } = splitSteps(steps)
  expect([before.length, during.length, after.length]).toEqual([2, 5, 1])
  expect(computeUndisturbed(steps)).toEqual({ beforeMs: 1500, afterMs: 3000 })
  expect(computeUndisturbed(disruptOnce(restart, { beforeMs: 1, afterMs: 2 }))).toEqual({ beforeMs: 1, afterMs: 2 })
})

describe('wrong', () => {
  const evictUnder = (maxUnavailable: number): Disruption => ({ kind: 'evict', budget: { maxUnavailable } })

  test.each<[what: string, steps: ScenarioStep[], why: RegExp | null]>([
    ['one disruption', between(restart), null],
    ['several, also at the same time', between(repeat(3, restart, settled), together(restart, scaleTo(2))), null],
    ['evictions under the same budget', between(evictUnder(1), settled, evictUnder(1)), null],
    ['evictions under two budgets', between(evictUnder(1), settled, evictUnder(2)), /one/],
    ['nothing that disrupts', between(), /a step that disrupts/],
    ['no wait at the end', [steady(1), restart, steady(1)], /wait until settled/],
    ['a disruption after the wait', [steady(1), restart, settled, restart, steady(1)], /wait until settled/],
    ['no load at the end', [steady(1), restart, settled], /end with one stretch of steady load/],
    ['steady load beside itself', [together(steady(1), steady(1)), restart, settled, steady(1)], /together/],
    ['a hundred steps', [steady(1), repeat(97, restart), settled, steady(1)], null],
    ['a hundred and one', [steady(1), repeat(98, restart), settled, steady(1)], /at most 100 steps/],
    [
      'more than memory has',
      between(Array.from({ length: 50 }).reduce<ScenarioStep>((inner) => repeat(100, inner), restart)),
      /at most 100 steps/,
    ],
  ])('%s', (_, steps, why) => {
    const said = explainWrongSteps(steps)
    if (why === null) expect(said).toBe(null)
    else expect(said).toMatch(why)
  })
})

test('replicas: they follow from the scales, and are unknown after a command', () => {
  expect(countReplicasAfter(between(restart, scaleTo(2), restart), 4)).toBe(2)
  const command: Disruption = { kind: 'command', argv: ['true'] }
  expect(countReplicasAfter(between(command, restart), 4)).toBe(null)
  expect(countReplicasAfter(between(command, scaleTo(1)), 4)).toBe(1)
})

test('impossible: each step is held against the pods that there are then', () => {
  expect(explainImpossibleSteps(between(scaleTo(3), settled, scaleTo(4)), 4)).toBe(null)
  expect(explainImpossibleSteps(between(scaleTo(4)), 4)).toMatch(/^it scales to 4/)
  expect(explainImpossibleSteps(between(scaleTo(3), settled, scaleTo(3)), 4)).toMatch(/^in step 4 it scales to 3/)
})

test('noun: that of the only disruption, or a run', () => {
  expect(getStepsNoun(between(restart), 2)).toBe('rollout')
  expect(getStepsNoun(between(scaleTo(1)), 2)).toBe('scale-down')
  expect(getStepsNoun(between(repeat(2, restart)), 2)).toBe('run')
})

test('words: what is done, in a line', () => {
  expect(describeSteps(between(repeat(2, restart, settled), together(scaleTo(1), { kind: 'evict', pods: 1 })))).toBe(
    'steady load for 2 s, 2 × (restarts the rollout, waits until settled), together (scales to 1, evicts 1 pod), waits until settled, steady load for 3 s',
  )
})

test.each<[what: string, step: unknown, path: string]>([
  ['an unknown kind', { kind: 'reboot' }, 'kind'],
  ['a repetition of nothing', { kind: 'repeat', times: 2, steps: [] }, 'steps'],
  ['too many repetitions', { kind: 'repeat', times: 101, steps: [restart] }, 'times'],
  ['one alone together', { kind: 'together', steps: [restart] }, 'steps'],
  ['what is wrong within', { kind: 'repeat', times: 2, steps: [settled, { kind: 'scale', to: -1 }] }, 'steps.1.to'],
  ['a misspelt field', { kind: 'steady', seconds: 3, forMs: 1 }, ''],
])('schema: refuses %s, and says where', (_, step, path) => {
  expect(stepSchema.safeParse(step).error?.issues.map((issue) => issue.path.join('.'))).toEqual([path])
})
