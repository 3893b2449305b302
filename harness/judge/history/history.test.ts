import { expect, test } from 'vitest'
import { createRandom } from '../../base/random.ts'
import type { Baseline } from '../../model/baseline/baseline.ts'
import { simulateBaseline, sampleConditions } from '../../testing/samples/sample-baselines.ts'
import type { LossModel } from '../../testing/samples/sample-baselines.ts'
import { parsePage } from '../../testing/html-elements.ts'
import { formatHistoryAnswer, renderHistoryPage } from '../exports/history-page.ts'
import { buildHistory } from './build-history.ts'
import type { HistoryInput } from './build-history.ts'
import { findChangePoints } from './change-points.ts'

test('change points: the statistic is that of the paper, cut where it is largest', () => {
  // Two flat stretches: every permutation that keeps them apart is as good, so 2 of 252 ways of 10 values are.
  const [found, ...others] = findChangePoints([0, 0, 0, 0, 0, 9, 9, 9, 9, 9], { level: 0.05 })
  expect([found?.at, others]).toEqual([5, []])
  expect(found?.p).toBeGreaterThan(0.002)
  expect(found?.p).toBeLessThan(0.02)
})

test('change points: what the manual says is found: three nights of a change in fifteen, four in twelve', () => {
  const find = (before: number, after: number): number[] =>
    findChangePoints([...Array.from({ length: before }, () => 0), ...Array.from({ length: after }, () => 9)]).map(
      ({ at }) => at,
    )
  expect([find(12, 3), find(8, 4)]).toEqual([[12], [8]])
  // Of ten nights 2 of 120 ways keep three apart.
  expect([find(7, 3), find(20, 2)]).toEqual([[], []])
})

test('change points: several are found, each stretch by itself', () => {
  const random = createRandom(5)
  const noise = (mean: number): number[] => Array.from({ length: 15 }, () => mean + 4 * random())
  const found = findChangePoints([...noise(0), ...noise(30), ...noise(10)])
  expect(found.map(({ at }) => at)).toEqual([15, 30])
})

test('change points: none in what is flat, short, or noise, but as often as the level says', () => {
  expect(findChangePoints(Array.from({ length: 40 }, () => 3))).toEqual([])
  expect(findChangePoints([0, 0, 9, 9, 9])).toEqual([])
  const random = createRandom(9)
  const series = Array.from({ length: 100 }, () =>
    Array.from({ length: 20 }, () => Math.floor(-9 * Math.log(1 - random()))),
  )
  const cut = series.filter((values) => findChangePoints(values, { permutations: 199 }).length > 0)
  // One of 100 is expected; with three standard deviations 4.
  expect(cut.length).toBeLessThanOrEqual(4)
})

test('change points: the same seed gives the same, and one long burst is no change', () => {
  const values = [3, 5, 2, 4, 3, 90, 4, 2, 3, 5, 4, 3]
  expect(findChangePoints(values, { seed: 4 })).toEqual(findChangePoints(values, { seed: 4 }))
  expect(findChangePoints(values)).toEqual([])
})

/** Nights of one model until this night, and of another model from it on. */
function simulateNights(nights: number, from: number, models: [before: LossModel, after: LossModel]): HistoryInput[] {
  return Array.from({ length: nights }, (_, night) => {
    const comparison = `202611${String(night + 1).padStart(2, '0')}-031700`
    const conditions =
      night < from
        ? sampleConditions
        : { ...sampleConditions, images: [{ name: 'nodrop/app', digest: `sha256:${'c'.repeat(64)}` }] }
    const baseline: Baseline = simulateBaseline(
      comparison,
      { app: models[night < from ? 0 : 1] },
      { rounds: 5, seed: 50 + night, conditions },
    )
    return { baseline, report: `./${comparison}/report.html` }
  })
}

test('a history: names the night from which on a configuration lost requests, and what else changed with it', () => {
  const inputs = simulateNights(24, 14, [
    { share: 0, burst: 0 },
    { share: 0.9, burst: 12 },
  ])
  const [series] = buildHistory(inputs.toReversed())
  expect(series?.changes.map(({ figure, comparison }) => [figure, comparison])).toEqual([['lost', '20261115-031700']])
  expect(series?.sentence).toMatch(
    /^Lost per round 0 → [\d.]+ since 2026-11-15 03:17 \(with image nodrop\/app sha256:aaaaaaaaaaaa → sha256:cccccccccccc\)$/,
  )
  expect(series?.points.map(({ comparison }) => comparison).slice(0, 2)).toEqual(['20261101-031700', '20261102-031700'])
})

test('a point: has the median p99 of its rounds, of an even number the mean of the middle two', () => {
  const { rows, ...baseline } = simulateBaseline('c', { app: { share: 0, burst: 0 } }, { rounds: 4, seed: 1 })
  const times = [40_000, 10_000, 30_000, 20_000]
  const timed = rows.map((row) => ({
    ...row,
    rounds: row.rounds.map((round, index) => ({ ...round, latency: { ...round.latency!, p99Us: times[index]! } })),
  }))
  const [series] = buildHistory([{ baseline: { ...baseline, rows: timed }, report: null }])
  expect(series?.points[0]?.p99Us).toBe(25_000)
})

test('the answer: says which configuration changed, how, and since when', () => {
  const inputs = simulateNights(24, 14, [
    { share: 1, burst: 80 },
    { share: 0, burst: 0 },
  ])
  expect(formatHistoryAnswer(buildHistory(inputs))).toBe('app loses less since 2026-11-15 (rollout)')
})

test('a history: of nights that are alike says that nothing changed', () => {
  const quiet = simulateNights(24, 24, [
    { share: 0, burst: 0 },
    { share: 0, burst: 0 },
  ])
  expect(buildHistory(quiet)[0]).toMatchObject({ changes: [], sentence: 'Nothing lost in 24 comparisons' })
  const one = buildHistory(quiet.slice(0, 1))
  expect(renderHistoryPage('runs', one)).toContain('Nothing lost in 1 comparison.')
})

test('the answer: of one that is there on two clusters, on which', () => {
  const nights = simulateNights(24, 14, [
    { share: 0, burst: 0 },
    { share: 1, burst: 80 },
  ])
  const inputs = nights.map(({ baseline, report }, night) => {
    const [row] = baseline.rows
    const quiet = { ...row!, rounds: nights[0]!.baseline.rows[0]!.rounds }
    const local = { ...quiet, conditions: { ...quiet.conditions, cluster: 'local' as const } }
    return { baseline: { ...baseline, rows: night % 2 ? [local, row!] : [row!, local] }, report }
  })
  expect(formatHistoryAnswer(buildHistory(inputs))).toBe('app loses more since 2026-11-15 (rollout, kind)')
})

test('a change of the spread alone: is not said to be a change of the mean', () => {
  const [{ baseline, report }] = simulateNights(1, 1, [
    { share: 0, burst: 0 },
    { share: 0, burst: 0 },
  ]) as [HistoryInput]
  const lost = [
    ...Array.from({ length: 12 }, (_, night) => (night % 2 ? 0 : 10)),
    ...Array.from({ length: 12 }, () => 5),
  ]
  const inputs = lost.map((count, night): HistoryInput => {
    const [row] = baseline.rows
    const rounds = row!.rounds.map((round) => ({ ...round, lost: count }))
    const comparison = `202611${String(night + 1).padStart(2, '0')}-031700`
    return { baseline: { ...baseline, comparison, rows: [{ ...row!, rounds }] }, report }
  })
  const [series] = buildHistory(inputs)
  expect(series?.changes).toMatchObject([{ before: 5, after: 5 }])
  expect(series?.sentence).toBe('Lost per round varies otherwise since 2026-11-13 03:17, about 5 as before')
  expect(formatHistoryAnswer([series!])).toBe('app loses as much, and varies otherwise, since 2026-11-13 (rollout)')
})

test('the page: links each report, escapes what it is given, and loads nothing', () => {
  const inputs = simulateNights(8, 4, [
    { share: 0, burst: 0 },
    { share: 1, burst: 300 },
  ]).map((input) => ({
    ...input,
    baseline: { ...input.baseline, rows: input.baseline.rows.map((row) => ({ ...row, configuration: '<img src=x>' })) },
  }))
  const page = renderHistoryPage('a & b', buildHistory(inputs))
  expect(page).toBe(renderHistoryPage('a & b', buildHistory(inputs)))
  expect(page).toContain('&lt;img src=x&gt;')
  expect(page).not.toContain('<img')
  expect(page).toContain('href="./20261108-031700/report.html"')
  expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/)
  const { list, texts } = parsePage(page)
  expect([list('circle').length, texts('tbody td:first-child')[0]]).toEqual([16, '2026-11-08 03:17'])
})
