import { expect, test } from 'vitest'
import { formatGate, gatesSchema, isKept, parseGates } from './gates.ts'
import type { Gates } from './gates.ts'

test.each<[written: Gates, gates: string[]]>([
  [{}, ['lost <= 0']],
  [{ lost: 0 }, ['lost <= 0']],
  [{ lost: 3, p99Ms: 250 }, ['lost <= 3', 'p99Ms <= 250 ms']],
  [{ lost: '<5', p99Ms: '<250ms' }, ['lost < 5', 'p99Ms < 250 ms']],
  [{ p99Ms: '<= 1.5s' }, ['lost <= 0', 'p99Ms <= 1500 ms']],
  [{ p99Ms: '<250' }, ['lost <= 0', 'p99Ms < 250 ms']],
  [{ lossRate: '<0.1%' }, ['lossRate < 0.1 %']],
  [{ lossRate: '<=0.07%' }, ['lossRate <= 0.07 %']],
  [{ lossRate: 0.25 }, ['lossRate <= 25 %']],
  [{ lossRate: '<0.25' }, ['lossRate < 25 %']],
])('gates: %j', (written, gates) => {
  expect(parseGates(gatesSchema.parse(written)).map(formatGate)).toEqual(gates)
})

test.each([
  { lost: -1 },
  { lost: '5' },
  { lost: '>5' },
  { lost: '<5ms' },
  { lossRate: 1.5 },
  { lossRate: '<5' },
  { p99Ms: '<250%' },
  { p99Ms: '<250m' },
  { p99Ms: Number.NaN },
  { p95Ms: 3 },
])('gates: %j is refused', (written) => {
  expect(gatesSchema.safeParse(written).success).toBe(false)
})

test('gates: what is as high as the limit is kept unless it must be below', () => {
  const [atMost, below] = [parseGates({ lost: 3 }), parseGates({ lost: '<3' })].flat()
  expect([2, 3, 4].map((lost) => isKept(atMost!, lost))).toEqual([true, true, false])
  expect([2, 3, 4].map((lost) => isKept(below!, lost))).toEqual([true, false, false])
})
