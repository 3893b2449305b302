import { expect, test } from 'vitest'
import { drawSparkline } from './sparkline.ts'

test('sparkline: nothing lost is a dot, the worst second the highest bar, and a single loss can be seen', () => {
  expect(drawSparkline([0, 1, 0, 40, 80], 10)).toBe('·▁·▄█')
})

test('sparkline: the latest seconds are shown where there is no room for all', () => {
  expect(drawSparkline([9, 9, 9, 0, 3], 2)).toBe('·█')
  expect(drawSparkline([], 5)).toBe('')
  for (const width of [0, -7]) expect(drawSparkline([9, 0, 3], width)).toBe('')
})
