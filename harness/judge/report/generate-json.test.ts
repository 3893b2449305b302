import fc from 'fast-check'
import { expect, test } from 'vitest'
import { generateJsonText } from './generate-json.ts'

test('JSON in pieces is what JSON.stringify gives at once', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything()), (value) => {
      expect([...generateJsonText(value)].join('')).toBe(`${JSON.stringify(value, null, 2)}\n`)
    }),
  )
  expect([...generateJsonText({})].join('')).toBe('{}\n')
  expect([...generateJsonText({ a: undefined, b: [undefined, 'x\n', []], c: [] })].join('')).toBe(
    `${JSON.stringify({ b: [null, 'x\n', []], c: [] }, null, 2)}\n`,
  )
})

test('long lists come in many pieces of about the same length', () => {
  const value = { losses: Array.from({ length: 5_000 }, (_, seq) => ({ seq, pod: 'web-a', lines: [seq, null] })) }
  const pieces = [...generateJsonText(value)]
  expect(pieces.length).toBeGreaterThan(3)
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(70_000)
  expect(pieces.join('')).toBe(`${JSON.stringify(value, null, 2)}\n`)
})
