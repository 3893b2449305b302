import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawingWidth, gutter, rightMargin, listTicks, toX } from './timeline-geometry.ts'

const scale = { fromUs: 1_000_000, toUs: 26_000_000, originUs: 5_000_000, fromDisruption: true }

test('an instant has one place, and none lies outside the plot', () => {
  expect(toX(scale, scale.fromUs)).toBe(gutter)
  expect(toX(scale, scale.toUs)).toBe(drawingWidth - rightMargin)
  expect(toX(scale, -1)).toBe(gutter)
})

test('ticks are round seconds from the beginning of the disruption', () => {
  expect(listTicks(scale).map(({ label }) => label)).toEqual(['0', '5', '10', '15', '20'])
  expect(listTicks({ ...scale, toUs: 1_900_000 }).map(({ label }) => label)).toContain('−3.5')
})

test('any span of time gets a few ticks, all within it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e9 }),
      fc.integer({ min: 1_000, max: 1e11 }),
      fc.integer({ min: 0, max: 1e9 }),
      (fromUs, span, originUs) => {
        const ticks = listTicks({ fromUs, toUs: fromUs + span, originUs, fromDisruption: true })
        expect(ticks.length).toBeGreaterThan(1)
        expect(ticks.length).toBeLessThan(15)
        for (const { us } of ticks) expect(us >= fromUs - 1 && us <= fromUs + span + 1).toBe(true)
        expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length)
      },
    ),
  )
})
