import { expect, test } from 'vitest'
import { JsonDepth } from './json-depth.ts'

test.each([
  ['{}', 1],
  ['[1, [2, {"a": [3]}], []]', 4],
  ['{"a": "[[[{{{", "b\\"[[": 1}', 1],
  ['"\\\\" [', 1],
  ['7', 0],
])('JSON depth: of %s, in whatever pieces it comes', (text, deepest) => {
  const [whole, pieces] = [new JsonDepth(), new JsonDepth()]
  whole.push(Buffer.from(text))
  for (const byte of Buffer.from(text)) pieces.push(Buffer.of(byte))
  expect([whole.deepest, pieces.deepest]).toEqual([deepest, deepest])
})
