import fc from 'fast-check'
import { expect, test } from 'vitest'
import { listCurveShares } from '../../model/figures/latency.ts'
import { buildHistogram } from '../../model/histogram.ts'
import { buildLog, buildRolloutLog, ms, buildPlan } from '../../testing/samples/rollout-log.ts'
import { analyseRun } from '../verdict/analyse-run.ts'
import { computeQuantiles, findQuantiles } from './quantiles.ts'

const none = { counts: [], maxUs: 0 }

test('shares: five for each halving of the distance to 100 %, as HdrHistogram prints them', () => {
  // The percentiles of HistogramPerf's output for 5 ticks, which the plotter of HdrHistogram reads.
  const printed = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.775, 0.8, 0.825, 0.85, 0.875]
  expect(listCurveShares(1_000).slice(0, printed.length)).toEqual(printed.map((share) => expect.closeTo(share, 10)))
  expect(listCurveShares(0)).toEqual([])
  expect(listCurveShares(1)).toEqual([0, 1])
})

test('a curve ends at the largest time, and never has more points than its samples tell apart', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 300 }), (times) => {
      const shares = listCurveShares(times.length)
      const { count, us } = findQuantiles(Float64Array.from(times), none, listCurveShares)
      expect([count, us.length, us.at(-1)]).toEqual([times.length, shares.length, Math.max(...times)])
      expect(us.toSorted((a, b) => a - b)).toEqual(us)
      const half = us[shares.indexOf(0.5)]
      if (half !== undefined) expect(half).toBe(computeQuantiles(Float64Array.from(times)).p50Us)
    }),
  )
})

test('a curve of requests that are only counted is too high by no more than their histogram', () => {
  const times = Array.from({ length: 1_000 }, (_, index) => 1_000 + 97 * index)
  const exact = findQuantiles(Float64Array.from(times), none, listCurveShares)
  const counted = findQuantiles(new Float64Array(), buildHistogram(times), listCurveShares)
  expect(counted.count).toBe(1_000)
  for (const [place, us] of counted.us.entries()) {
    expect(us).toBeGreaterThanOrEqual(exact.us[place]!)
    expect(us).toBeLessThanOrEqual(exact.us[place]! * (1 + 1 / 128))
  }
})

test('a run has a curve for each phase in which requests were answered', async () => {
  const log = buildRolloutLog((request) =>
    request.seq === 500 ? { ...request, settledUs: request.dueUs + 900 * ms } : request,
  )
  const { latencyCurves, lanes } = await analyseRun(buildPlan(), buildLog(log))
  expect(latencyCurves.map(({ phase }) => phase)).toEqual(['before', 'during', 'after'])
  for (const { phase, count } of latencyCurves)
    expect(count).toBe(lanes.reduce((sum, { byPhase }) => sum + byPhase[phase].count, 0))
  expect(latencyCurves.map(({ us }) => us.at(-1))).toEqual([100 * ms, 900 * ms, 100 * ms])
})
