import { expect, test } from 'vitest'
import { parseQuantity, formatQuantity, roundUpToInteger } from './quantity.ts'

test.each([
  ['1', '1'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['1.', '1.'],
  ['+1', '+1'],
  ['+.5', '500m'],
  ['0100.M', '0100.M'],
  ['01Mi', '01Mi'],
  ['-', '0'],
  ['m', '0'],
  ['1e+3', '1e+3'],
  ['0.0000000001', '1n'],
  ['1000m', '1'],
  ['0.0001', '100u'],
  ['1500', '1500'],
  ['1000', '1k'],
  ['1e3', '1e3'],
  ['1e1', '10'],
  ['1E-1', '100e-3'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Mi', '512Ki'],
  ['0.5Ki', '512'],
  ['0.1Ki', '102400m'],
  ['1023', '1023'],
  ['-1.5', '-1500m'],
  ['0', '0'],
  ['0Gi', '0'],
  ['1e-12', '1e-9'],
  ['8Ei', '9223372036854775807'],
])('Quantities: writes %s as %s', (text, canonical) => {
  expect(formatQuantity(parseQuantity(text))).toBe(canonical)
})

const grammar = 'quantities must match the regular expression'
const suffix = "unable to parse quantity's suffix"
test.each([
  ['', grammar],
  ['1 Gi', grammar],
  ['64mi', suffix],
  ['100MB', grammar],
  ['half', grammar],
  ['1..5', grammar],
  ['1K', suffix],
  ['1i', suffix],
  ['1e', suffix],
  ['1e400000000', suffix],
  ['constructor', grammar],
])('Quantities: refuses %j', (text, why) => {
  expect(() => parseQuantity(text)).toThrow(why)
})

test('Quantities: rounds up to a whole number, away from zero', () => {
  expect(['1m', '1', '1.2', '-1m', '1Ki'].map((text) => roundUpToInteger(parseQuantity(text)))).toEqual([
    1n,
    1n,
    2n,
    -1n,
    1024n,
  ])
})
