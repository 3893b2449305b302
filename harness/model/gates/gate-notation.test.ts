import { describe, expect, test } from 'vitest'
import { gateNames } from './gate-kinds.ts'
import { gatesSchema, parseGates } from './gate-notation.ts'
import type { Gates } from './gate-notation.ts'
import { formatGate, gateSchema } from './gates.ts'

describe('gates as users write them', () => {
  test.each<[written: Gates, gates: string[]]>([
    [{}, ['lost <= 0']],
    [{ lost: 0 }, ['lost <= 0']],
    [{ lost: 3, p99Ms: 250 }, ['lost <= 3', 'p99Ms <= 250 ms']],
    [{ lost: '<5', p99Ms: '<250ms' }, ['lost < 5', 'p99Ms < 250 ms']],
    [{ p99Ms: '<= 1.5s' }, ['lost <= 0', 'p99Ms <= 1500 ms']],
    [{ p50Ms: '<250' }, ['lost <= 0', 'p50Ms < 250 ms']],
    [{ lossRate: '<0.1%' }, ['lossRate < 0.1 %']],
    [{ lossRate: '<=0.07%' }, ['lossRate <= 0.07 %']],
    [{ lossRate: 0.25 }, ['lossRate <= 25 %']],
    [{ lossRate: '<0.25' }, ['lossRate < 25 %']],
    [{ lostPerRollout: '<0.5' }, ['lostPerRollout < 0.5']],
    [{ worstSecondLost: 5, secondsWithLosses: '<=2' }, ['worstSecondLost <= 5', 'secondsWithLosses <= 2']],
    [{ lost: 1, marginMs: 500 }, ['lost <= 1', 'marginMs >= 500 ms']],
    [{ lost: 1, marginMs: '>0.5s' }, ['lost <= 1', 'marginMs > 500 ms']],
    [{ lost: 1, drainSeconds: '<30s' }, ['lost <= 1', 'drainSeconds < 30 s']],
    [{ lost: 1, drainSeconds: '<1500ms' }, ['lost <= 1', 'drainSeconds < 1.5 s']],
    [{ duplicates: 0, unattributed: 0 }, ['lost <= 0', 'duplicates <= 0', 'unattributed <= 0']],
  ])('%j', (written, gates) => {
    expect(parseGates(gatesSchema.parse(written)).map(formatGate)).toEqual(gates)
  })

  test('they are narrowed to a lane, a phase or both, and stand in the order of their kinds', () => {
    const written = {
      'p99Ms{ phase: during }': 250,
      'lost{lane:fresh}': 0,
      'p99Ms{lane:fresh,phase:after}': '<1s',
      lost: 4,
    }
    expect(parseGates(gatesSchema.parse(written))).toEqual([
      { name: 'lost', operator: '<=', limit: 4 },
      { name: 'lost', operator: '<=', limit: 0, lane: 'fresh' },
      { name: 'p99Ms', operator: '<=', limit: 250, phase: 'during' },
      { name: 'p99Ms', operator: '<', limit: 1000, lane: 'fresh', phase: 'after' },
    ])
  })

  test('what is said of a lane or a phase says nothing of the others: none may be lost', () => {
    const gates = parseGates(gatesSchema.parse({ 'lost{lane:reused}': 5, 'lossRate{phase:during}': 0.1 }))
    expect(gates.map(formatGate)).toEqual(['lost <= 0', 'lost{lane:reused} <= 5', 'lossRate{phase:during} <= 10 %'])
  })

  test('one may only warn, and a name may have several limits', () => {
    const written = {
      lost: { threshold: 0, warn: true },
      p99Ms: ['<1s', { threshold: '<250ms', warn: true }, { threshold: 2 }],
    }
    expect(parseGates(gatesSchema.parse(written))).toEqual([
      { name: 'lost', operator: '<=', limit: 0, warn: true },
      { name: 'p99Ms', operator: '<', limit: 1000 },
      { name: 'p99Ms', operator: '<', limit: 250, warn: true },
      { name: 'p99Ms', operator: '<=', limit: 2 },
    ])
  })

  test.each([
    { lost: -1 },
    { lost: '5' },
    { lost: '>5' },
    { lost: '<5ms' },
    { lost: [] },
    { lost: ['<5', 'x'] },
    { lost: { threshold: '<5', wran: true } },
    { lost: { warn: true } },
    { lost: { threshold: { threshold: 1 } } },
    { lossRate: 1.5 },
    { lossRate: '<5' },
    { p99Ms: '<250%' },
    { p99Ms: '<250m' },
    { p99Ms: Number.NaN },
    { marginMs: '<500ms' },
    { 'p99Ms{phase:during}': '<250m' },
  ])('%j is refused', (written) => {
    expect(gatesSchema.safeParse(written).success).toBe(false)
  })

  test.each<[key: string, message: RegExp]>([
    ['p95Ms', /^Unrecognized key: "p95Ms"$/],
    ['p95Ms{phase:during}', /^Unrecognized key/],
    ['{phase:during}', /^Unrecognized key/],
    ['lost{phase:drain}', /^no phase "drain": there are before, during and after$/],
    ['lost{lane:control}', /^no lane "control": there are fresh, reused and reused-post$/],
    ['lost{status:200}', /^lost cannot be narrowed to "status": must be like lost\{lane:fresh,phase:during\}$/],
    [
      'lostPerRollout{phase:during}',
      /^lostPerRollout cannot be narrowed to "phase": must be like lostPerRollout\{lane:fresh\}$/,
    ],
    ['drainSeconds{lane:fresh}', /^drainSeconds cannot be narrowed$/],
    ['lost{lane:fresh:reused}', /^no lane "fresh:reused": there are fresh, reused and reused-post$/],
    ['lost{lane:fresh,lane:reused}', /^lost can be narrowed to one lane only$/],
    ['p99Ms{lane:fresh', /^must be like p99Ms\{lane:fresh,phase:during\}$/],
    ['p99Ms{}', /^must be like p99Ms\{lane:fresh,phase:during\}$/],
  ])('a key %s is refused with what there is', (key, message) => {
    expect(gatesSchema.safeParse({ [key]: 0 }).error?.issues.map((issue) => issue.message)).toEqual([
      expect.stringMatching(message),
    ])
  })
})

test('gates: plan.json has them as they were read, and those of before lanes, phases and warnings', () => {
  const written = Object.fromEntries(gateNames.map((name) => [name, 1]))
  for (const gate of parseGates(gatesSchema.parse(written)))
    expect(gateSchema.parse(JSON.parse(JSON.stringify(gate)))).toEqual(gate)
  const old = { name: 'p99Ms', operator: '<', limit: 250 }
  expect(gateSchema.parse(old)).toEqual(old)
})
