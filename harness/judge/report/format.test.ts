import { expect, test } from 'vitest'
import {
  formatCount,
  formatDuration,
  formatInstant,
  formatList,
  formatPlural,
  formatPixels,
  formatShare,
} from './format.ts'

const toPlainSpaces = (text: string) => text.replaceAll('\u202f', ' ')

test('counts are grouped by thousands', () => {
  expect([0, 999, 1_000, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567'])
  expect([formatPlural(1, 'run'), formatPlural(2_000, 'run')]).toEqual(['1 run', '2,000 runs'])
})

test.each([
  [0, 5_000, '0 %'],
  [5_000, 5_000, '100 %'],
  [1, 1_000_000, '< 0.01 %'],
  [4_999, 5_000, '> 99.9 %'],
  [21, 4_998, '0.42 %'],
  [133, 5_118, '2.6 %'],
  [0, 0, '–'],
])('%i of %i is %s: never rounded to nothing or everything', (part, whole, text) => {
  expect(toPlainSpaces(formatShare(part, whole))).toBe(text)
})

test.each([
  [null, '–'],
  [0, '0 µs'],
  [999, '999 µs'],
  [9_994, '9.99 ms'],
  [9_996, '10.0 ms'],
  [99_960, '100 ms'],
  [999_499, '999 ms'],
  [999_500, '1.00 s'],
  [59_960_000, '60.0 s'],
  [125_400_000, '2 min 5 s'],
  [-1_500, '−1.50 ms'],
])('%s µs reads %s', (us, text) => {
  expect(toPlainSpaces(formatDuration(us))).toBe(text)
})

test('an instant counts from the origin and keeps its sign', () => {
  expect(toPlainSpaces(formatInstant(7_314_400, 5_000_000))).toBe('+2.314 s')
  expect(toPlainSpaces(formatInstant(4_999_000, 5_000_000))).toBe('−0.001 s')
  expect(formatInstant(null, 0)).toBe('–')
})

test('lists end with and; coordinates keep a tenth', () => {
  expect([formatList([]), formatList(['a']), formatList(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c'])
  expect(formatPixels(12.3456)).toBe('12.3')
})
