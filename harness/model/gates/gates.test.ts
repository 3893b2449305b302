import { expect, test } from 'vitest'
import { formatGate, isKept, listGates } from './gates.ts'
import type { Gate } from './gates.ts'

test('gates: what is as high as the limit is kept unless it must be below, or above', () => {
  const isKeptBy = (operator: Gate['operator']): boolean[] =>
    [2, 3, 4].map((measured) => isKept({ name: 'lost', operator, limit: 3 }, measured))
  expect(isKeptBy('<=')).toEqual([true, true, false])
  expect(isKeptBy('<')).toEqual([true, false, false])
  expect(isKeptBy('>=')).toEqual([false, true, true])
  expect(isKeptBy('>')).toEqual([false, false, true])
})

test.each<[gate: Gate, text: string]>([
  [{ name: 'lost', operator: '<=', limit: 0 }, 'lost <= 0'],
  [{ name: 'lostPerRollout', operator: '<', limit: 0.5 }, 'lostPerRollout < 0.5'],
  [{ name: 'lossRate', operator: '<', limit: 0.0007 }, 'lossRate < 0.07 %'],
  [{ name: 'drainSeconds', operator: '<=', limit: 30 }, 'drainSeconds <= 30 s'],
  // A value that fails does not read as one that is kept.
  [{ name: 'drainSeconds', operator: '<=', limit: 30.04 }, 'drainSeconds <= 30.04 s'],
  [{ name: 'marginMs', operator: '>=', limit: 1500 }, 'marginMs >= 1500 ms'],
  [
    { name: 'p99Ms', operator: '<', limit: 250, lane: 'reused-post', phase: 'after', warn: true },
    'p99Ms{lane:reused-post,phase:after} < 250 ms',
  ],
])('gates: %j is told as %s', (gate, text) => expect(formatGate(gate)).toBe(text))

test('gates: a configuration that says neither gates nor what it is there to show must lose no request', () => {
  const lenient: Gate = { name: 'lost', operator: '<=', limit: 5 }
  expect(listGates({}).map(formatGate)).toEqual(['lost <= 0'])
  expect(listGates({ expects: 'loses' })).toEqual([])
  expect(listGates({ gates: [lenient] })).toEqual([lenient])
  expect(listGates({ gates: [lenient], expects: 'loses' })).toEqual([lenient])
})
