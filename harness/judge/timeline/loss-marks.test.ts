/** Marks of lost requests: each at its instant, none hidden by another, none higher than a lane. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Outcome } from '../../model/record.ts'
import type { Loss } from '../../model/result.ts'
import { parsePage } from '../../testing/html-elements.ts'
import type { PageElement } from '../../testing/html-elements.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { layOutLossMarks } from './loss-marks.ts'
import type { NumberedLoss } from './loss-marks.ts'
import { createTimeScale } from './time-scale.ts'
import { gutter, plotWidth } from './timeline-geometry.ts'

const { analysis } = buildSampleComparison().runs[0]!
const sample = analysis.losses[0]!
/** 10 s on 936 pixels. */
const scale = { fromUs: 0, toUs: 10_000_000, originUs: 0, fromDisruption: true }
const perPixelUs = scale.toUs / plotWidth

const number = (losses: readonly Partial<Loss>[]): NumberedLoss[] =>
  losses
    .map((loss, index) => ({ index, loss: { ...sample, ...loss } }))
    .toSorted((a, b) => a.loss.lostUs - b.loss.lostUs)
function draw(
  losses: readonly Partial<Loss>[],
  single: boolean,
  baseY = 200,
): { height: number; marks: PageElement[] } {
  const block = layOutLossMarks(number(losses), scale, single)
  return { height: block.height, marks: parsePage(`<svg>${block.draw(baseY).toString()}</svg>`).list('.m') }
}
const read = (mark: PageElement, ...attributes: string[]): number[] =>
  attributes.map((attribute) => Number(mark.getAttribute(attribute)))

test('without a loss a lane takes no room for marks', () => {
  for (const single of [true, false]) expect(draw([], single)).toEqual({ height: 0, marks: [] })
})

test('marks: those that would touch stand above each other, others on the ground', () => {
  const at = (pixels: number): Partial<Loss> => ({ lostUs: pixels * perPixelUs })
  const { marks } = draw([at(100), at(103), at(106), at(200)], true)
  const levels = marks.map((mark) => read(mark, 'x', 'y'))
  expect(levels.map(([x]) => x! - gutter)).toEqual([100, 103, 106, 200].map((x) => expect.closeTo(x, 1) as number))
  const [ground, first, second, apart] = levels.map(([, y]) => y!)
  expect(ground! > first! && first! > second!).toBe(true)
  expect(apart).toBe(ground)
})

test('marks: no two are at the same place, and all lie within their block', () => {
  const instants = fc.array(fc.integer({ min: 0, max: scale.toUs }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(instants, (all) => {
      const baseY = 300
      const { height, marks } = draw(
        all.map((lostUs) => ({ lostUs })),
        true,
        baseY,
      )
      expect(marks).toHaveLength(all.length)
      const places = marks.map((mark) => read(mark, 'x', 'y'))
      expect(new Set(places.map(String)).size).toBe(all.length)
      for (const [, y] of places) expect(y! <= baseY && y! >= baseY - height).toBe(true)
      expect(new Set(marks.map((mark) => mark.getAttribute('data-i'))).size).toBe(all.length)
    }),
    { numRuns: 40 },
  )
})

test('marks: a crowd becomes dense, and not higher than a lane can be', () => {
  const crowd = Array.from({ length: 500 }, () => ({ lostUs: 5_000_000 }))
  const { height, marks } = draw(crowd, true)
  expect(marks).toHaveLength(500)
  expect(height).toBeLessThan(100)
})

test('bars: a column of each instant, in which every outcome has its share', () => {
  const outcomes: Outcome[] = ['refused', 'refused', 'refused', 'http-5xx']
  const { marks } = draw(
    [
      ...outcomes.map((outcome) => ({ outcome, lostUs: 5_000_000 })),
      { outcome: 'refused' as const, lostUs: 9_000_000 },
    ],
    false,
  )
  const bars = marks.map((mark) => ({
    says: mark.textContent.trim(),
    indexes: mark.getAttribute('data-i'),
    heights: read(mark, 'y', 'height', 'x'),
  }))
  expect(bars.map(({ says, indexes }) => [says, indexes])).toEqual([
    ['3 × refused', '0 1 2'],
    ['1 × http-5xx', '3'],
    ['1 × refused', '4'],
  ])
  const [refused, failed, later] = bars.map(({ heights }) => heights)
  // Three of four fill three quarters of the column, and the fourth is on top of them.
  expect(refused![1]! / failed![1]!).toBeCloseTo(3, 1)
  expect(failed![0]! + failed![1]!).toBeCloseTo(refused![0]!, 1)
  expect(failed![2]).toBe(refused![2])
  expect(later![1]).toBeCloseTo(failed![1]!, 1)
})

test('bars: one that is very small can still be seen', () => {
  const losses = [
    ...Array.from({ length: 5_000 }, () => ({ outcome: 'refused' as const, lostUs: 5_000_000 })),
    { outcome: 'tls' as const, lostUs: 5_000_000 },
  ]
  const { marks } = draw(losses, false)
  expect(marks.map((mark) => read(mark, 'height')[0]!).every((height) => height >= 1)).toBe(true)
})

test('scale: shows all phases, what was lost outside them, and the end of every pod', () => {
  const quiet = { ...analysis, losses: [], buckets: [], pods: [] }
  const [first, last] = [quiet.phases[0]!, quiet.phases.at(-1)!]
  expect(createTimeScale(quiet)).toEqual({
    fromUs: first.fromUs,
    toUs: last.toUs,
    originUs: quiet.phases[1]!.fromUs,
    fromDisruption: true,
  })
  const early = { ...sample, lostUs: first.fromUs - 400 }
  const late = { ...sample, lostUs: last.toUs + 700 }
  expect(createTimeScale({ ...quiet, losses: [early, late] })).toMatchObject({
    fromUs: early.lostUs,
    toUs: late.lostUs,
  })
  const pod = { ...analysis.pods[0]!, goneUs: last.toUs + 900 }
  expect(createTimeScale({ ...quiet, pods: [pod] }).toUs).toBe(pod.goneUs)
  const bucket = { ...analysis.buckets[0]!, fromUs: last.toUs }
  expect(createTimeScale({ ...quiet, buckets: [bucket] }).toUs).toBe(last.toUs + quiet.bucketUs)
})

test('scale: of a run without a disruption begins at 0; of one without anything it has a length', () => {
  const before = { phase: 'before', fromUs: 3_000_000, toUs: 9_000_000 } as const
  expect(createTimeScale({ ...analysis, losses: [], buckets: [], pods: [], phases: [before] })).toMatchObject({
    originUs: 0,
    fromDisruption: false,
  })
  const { fromUs, toUs } = createTimeScale({ ...analysis, losses: [], buckets: [], pods: [], phases: [] })
  expect(toUs - fromUs).toBeGreaterThan(0)
})
