import { describe, expect, test } from 'vitest'
import type { LossFigures } from '../../model/figures/loss-figures.ts'
import type { PodTimeline } from '../../model/result.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { buildRefused } from '../../testing/samples/records.ts'
import { buildLog, buildPlan, buildRolloutLog, second } from '../../testing/samples/rollout-log.ts'
import { analyseRun } from '../verdict/analyse-run.ts'
import { computeLossFigures, computeRoundFigure, listLeavingPods, sumLossFigures } from './loss-figures.ts'

const [sample] = buildSampleComparison().runs
const buildPod = (pod: string, times: Partial<PodTimeline>): PodTimeline => ({
  ...sample!.analysis.pods[0]!,
  pod,
  ...times,
})
const podsAt = (...spans: [deletionUs: number, goneUs: number | null][]): PodTimeline[] =>
  spans.map(([deletionUs, goneUs], place) => buildPod(`web-${place}`, { readyUs: 0, deletionUs, goneUs }))
/** A request is due every 5 ms, from 0 on. */
const countDue = (fromUs: number, toUs: number): number =>
  Math.ceil(toUs / 5_000) - Math.ceil(Math.max(0, fromUs) / 5_000)
const dueAt = (...seconds: number[]) => seconds.map((at) => ({ request: buildRefused({ dueUs: at * second }) }))
const compute = (
  lost: ReturnType<typeof dueAt>,
  pods = podsAt([10 * second, 12 * second], [11.5 * second, 14 * second]),
): LossFigures => computeLossFigures({ countDue }, lost, { pods, beganUs: 9 * second, endUs: 20 * second })

describe('span', () => {
  test('reaches from the first deletion to the end of the last old pod, half-open', () => {
    expect(compute(dueAt(9.99, 10, 13.99, 14))).toMatchObject({
      lost: 4,
      podsReplaced: 2,
      span: { fromUs: 10 * second, toUs: 14 * second },
      dueInSpan: 800,
      lostInSpan: 2,
    })
  })

  test('of a pod that is not gone reaches to the end of the log', () => {
    expect(compute([], podsAt([10 * second, null])).span).toEqual({ fromUs: 10 * second, toUs: 20 * second })
  })

  test('where no pod left there is none, and nothing was due in it', () => {
    expect(compute(dueAt(10), [])).toMatchObject({ podsReplaced: 0, span: null, dueInSpan: 0, lostInSpan: 0 })
  })
})

describe('seconds with losses', () => {
  test('count from the first deletion; the worst is the one with the most, the earliest of several', () => {
    expect(compute(dueAt(10.1, 10.9, 12, 12.999, 13))).toMatchObject({
      secondsWithLosses: 3,
      worstSecond: { fromUs: 10 * second, due: 200, lost: 2 },
    })
  })

  test('a request that was due before the deletion is in a second of its own', () => {
    expect(compute(dueAt(9.999, 10))).toMatchObject({
      secondsWithLosses: 2,
      worstSecond: { fromUs: 9 * second, lost: 1 },
    })
  })

  test('without a loss there is none', () => {
    expect(compute([])).toMatchObject({ lost: 0, secondsWithLosses: 0, worstSecond: null })
  })
})

test('leaving pods: those that were deleted after the disruption began and had been ready, in the order of their deletion', () => {
  const pods = [
    buildPod('late', { readyUs: 0, deletionUs: 12 * second }),
    buildPod('first', { readyUs: 0, deletionUs: 10 * second }),
    buildPod('before', { readyUs: 0, deletionUs: 8 * second }),
    buildPod('never-ready', { readyUs: null, deletionUs: 11 * second }),
    buildPod('stays', { readyUs: 0, deletionUs: null }),
  ]
  expect(listLeavingPods(pods, 9 * second).map(({ pod }) => pod)).toEqual(['first', 'late'])
  expect(listLeavingPods(pods, null)).toEqual([])
})

test('rounds: median and range; of an even number the mean of the middle two', () => {
  expect(computeRoundFigure([7, 3, 30])).toEqual({ median: 7, min: 3, max: 30, rounds: 3 })
  expect(computeRoundFigure([4, 3])).toEqual({ median: 3.5, min: 3, max: 4, rounds: 2 })
  expect(computeRoundFigure([])).toBeNull()
})

test('row: sums over rounds, and the worst second of all', () => {
  const rounds = [compute(dueAt(10.1)), compute(dueAt(10.1, 11.2, 11.3)), compute([])]
  expect(sumLossFigures(rounds)).toEqual({
    secondsWithLosses: { median: 1, min: 0, max: 2, rounds: 3 },
    worstSecond: { fromUs: 11 * second, due: 200, lost: 2 },
    lostInSpan: 4,
    dueInSpan: 2_400,
  })
  expect(sumLossFigures([])).toEqual({ secondsWithLosses: null, worstSecond: null, lostInSpan: 0, dueInSpan: 0 })
})

test('run: of a log whose pods leave from 4 s to 6.4 s, with ten requests lost in them', async () => {
  const records = buildRolloutLog((request) =>
    request.dueUs >= 4.05 * second && request.dueUs < 4.145 * second
      ? buildRefused({ seq: request.seq, dueUs: request.dueUs })
      : request,
  )
  const { lossFigures } = await analyseRun(buildPlan(), buildLog(records))
  expect(lossFigures).toEqual({
    lost: 10,
    podsReplaced: 2,
    span: { fromUs: 4 * second, toUs: 6.4 * second },
    dueInSpan: 240,
    lostInSpan: 10,
    secondsWithLosses: 1,
    worstSecond: { fromUs: 4 * second, due: 100, lost: 10 },
  })
})
