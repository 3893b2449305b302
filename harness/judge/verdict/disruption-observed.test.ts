/** A run of two steps: a rolling restart of two pods, and then a scale to one. */
import { describe, expect, test } from 'vitest'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord } from '../../model/record.ts'
import type { ScenarioStep } from '../../model/steps/steps.ts'
import { podAt, stepAt } from '../../testing/samples/records.ts'
import { buildLog, buildPlan, second } from '../../testing/samples/rollout-log.ts'
import { collectEvidence } from '../facts/evidence.ts'
import { tracePods } from '../pods/pod-life.ts'
import { explainDisruptionNotObserved } from './disruption-observed.ts'

const settled: ScenarioStep = { kind: 'until-settled' }
const steady: ScenarioStep = { kind: 'steady', forMs: 1000 }
const restart: ScenarioStep = { kind: 'rollout-restart' }
const scaleToOne: ScenarioStep = { kind: 'scale', to: 1 }

/** `begin` and `end` of a step by its number, in seconds. */
function performed(number: number, kind: string, [from, to]: [number, number]): LogRecord[] {
  return [
    { ...stepAt(from * second, 'step-begin', kind), number } as LogRecord,
    { ...stepAt(to * second, 'step-end'), number } as LogRecord,
  ]
}

const frame: LogRecord[] = [
  stepAt(second, 'load-begin'),
  stepAt(2 * second, 'disrupt-begin', 'rollout-restart'),
  stepAt(6.1 * second, 'disrupt-end'),
  stepAt(9 * second, 'old-pods-gone'),
]
const steps: LogRecord[] = [
  ...performed(1, 'steady', [1, 2]),
  ...performed(2, 'rollout-restart', [2, 2.1]),
  ...performed(3, 'until-settled', [2.1, 6]),
  ...performed(4, 'scale', [6, 6.1]),
  ...performed(5, 'until-settled', [6.1, 9]),
  ...performed(6, 'steady', [9, 10]),
]
const leaves = (pod: string, at: number): LogRecord[] => [
  podAt(at * second, 'modified', pod, { terminating: true }),
  podAt((at + 0.5) * second, 'deleted', pod, { terminating: true }),
]
const comes = (pod: string, at: number): LogRecord[] => [
  podAt(at * second, 'added', pod, { ready: false }),
  podAt((at + 0.5) * second, 'modified', pod),
]
const rolled = [...leaves('old-a', 4), ...leaves('old-b', 5), ...comes('new-a', 3), ...comes('new-b', 4)]
const pods: LogRecord[] = [...comes('old-a', 0.1), ...comes('old-b', 0.1), ...rolled, ...leaves('new-a', 7)]

const rolloutThenScale = [steady, restart, settled, scaleToOne, settled, steady]

async function explain(
  records: readonly LogRecord[],
  plan: RunPlan = buildPlan({ steps: rolloutThenScale }),
): Promise<string | null> {
  const evidence = await collectEvidence(buildLog(records))
  return explainDisruptionNotObserved(
    plan.scenario,
    evidence,
    tracePods(evidence).map(({ life }) => life),
  )
}

const acceptedAt = (at: number, pod: string): LogRecord => ({
  type: 'eviction',
  t: at * second,
  pod,
  status: 201,
  message: 'evicted',
})
const withoutPod = (pod: string): LogRecord[] =>
  pods.filter((record) => !(record.type === 'pod' && record.pod.name === pod && record.pod.terminating))
const withoutStep = (number: number): LogRecord[] =>
  steps.filter((record) => !('number' in record && record.number === number))

test('both steps: each is proved by the pods that were there when it began', async () => {
  expect(await explain([...frame, ...steps, ...pods])).toBe(null)
})

test('the second moved no pod: it is named', async () => {
  expect(await explain([...frame, ...steps, ...withoutPod('new-a')])).toBe(
    'step 4 (scales to 1): nothing was disrupted: 0 of 1 pod to be removed left',
  )
})

test('a pod of the first that left only by the second: the first is named', async () => {
  const late = [...withoutPod('old-b'), ...leaves('old-b', 7.5)]
  expect(await explain([...frame, ...steps, ...late])).toBe(
    'step 2 (restarts the rollout): old-b did not leave before the disruption ended',
  )
})

describe('steps of the log', () => {
  const begun = steps.filter((record) => !('number' in record && record.number === 4 && record.step === 'step-end'))
  const swapped = steps.map((record) =>
    'number' in record && record.number === 5 ? { ...record, t: 5 * second } : record,
  )
  test.each<[what: string, records: LogRecord[], why: RegExp]>([
    ['the second is missing', withoutStep(4), /^step 4 \(scales to 1\) was not done/],
    ['the second has no end', begun, /^step 4 .* did not come to its end/],
    ['the second is there twice', [...steps, ...performed(4, 'scale', [7, 7.1])], /^step 4 .* more than once/],
    [
      'another was done',
      [...withoutStep(4), ...performed(4, 'evict', [6, 6.1])],
      /^step 4 .*scale, and what was done is evict/,
    ],
    ['one came before its turn', swapped, /^step 5 .* began before what comes before it had ended/],
    [
      'one that is not in the plan',
      [...steps, ...performed(7, 'scale', [9, 9.1])],
      /steps that the plan does not have/,
    ],
    ['none is told of', [], /^step 1 .* was not done/],
  ])('%s', async (_, records, why) => {
    expect(await explain([...frame, ...records, ...pods])).toMatch(why)
  })
})

test('a wait that is part of the disruption is not taken for done where the log tells of no step', async () => {
  const once = [...frame, ...pods.filter((record) => !(record.type === 'pod' && record.pod.name === 'new-a'))]
  expect(await explain(once, buildPlan({ steps: [steady, restart, settled, steady] }))).toBe(null)
  expect(await explain(once, buildPlan({ steps: [steady, restart, steady, settled, steady] }))).toMatch(
    /^step 1 .* was not done: the log has no beginning of it/,
  )
})

test('together: both begin at the same time, and each has its proof', async () => {
  const both: ScenarioStep[] = [steady, { kind: 'together', steps: [restart, scaleToOne] }, settled, steady]
  const records = [
    ...performed(1, 'steady', [1, 2]),
    ...performed(2, 'rollout-restart', [2, 2.1]),
    ...performed(3, 'scale', [2, 2.05]),
    ...performed(4, 'until-settled', [2.1, 9]),
    ...performed(5, 'steady', [9, 10]),
  ]
  expect(await explain([...frame, ...records, ...pods], buildPlan({ steps: both }))).toBe(null)
})

describe('code of the user’s own', () => {
  const own: ScenarioStep = { kind: 'step', name: 'switch', sha256: 'ab' }
  const plan = buildPlan({ steps: [steady, own, settled, steady] })
  const records = [
    ...performed(1, 'steady', [1, 2]),
    ...performed(2, 'step switch', [2, 6.1]),
    ...performed(3, 'until-settled', [6.1, 9]),
    ...performed(4, 'steady', [9, 10]),
  ]

  test('a pod came or left', async () => {
    expect(await explain([...frame, ...records, ...pods], plan)).toBe(null)
  })

  test('none did', async () => {
    const there = [...comes('old-a', 0.1), ...comes('old-b', 0.1)]
    expect(await explain([...frame, ...records, ...there], plan)).toMatch(/no pod of the workload came or left/)
  })

  test('one came and left before anything was done', async () => {
    const there = [...comes('old-a', 0.1), ...comes('crashed', 0.2), ...leaves('crashed', 0.9)]
    expect(await explain([...frame, ...records, ...there], plan)).toMatch(/no pod of the workload came or left/)
  })
})

test('evictions count for the step in which they were accepted', async () => {
  const twice: ScenarioStep[] = [steady, { kind: 'repeat', times: 2, steps: [{ kind: 'evict' }, settled] }, steady]
  const records = steps.map((record) =>
    record.type === 'step' && record.step === 'step-begin' && [2, 4].includes(record.number ?? 0)
      ? { ...record, detail: 'evict' }
      : record,
  )
  const first = ['old-a', 'old-b'].map((pod) => acceptedAt(2.05, pod))
  const later = ['new-a', 'new-b'].map((pod) => acceptedAt(6.05, pod))
  const left = [...pods, ...leaves('new-b', 7)]
  const plan = buildPlan({ steps: twice })
  expect(await explain([...frame, ...records, ...left, ...first, ...later], plan)).toBe(null)
  expect(await explain([...frame, ...records, ...left, ...first], plan)).toBe(
    'step 4 (evicts every pod): nothing was disrupted: no eviction was accepted',
  )
})
