import { expect, test } from 'vitest'
import type { KnownCapacity, LoadPlan } from '../../model/plan.ts'
import { buildPlan } from '../../testing/samples/rollout-log.ts'
import { formatCapacity, formatCapacityWarning } from './capacity-sentence.ts'

const known: KnownCapacity = { kneePerSecond: 1_000, belowPerSecond: 800, measured: '2026-03-01T10:00:00Z' }

/** Both sentences about a load with this rate. */
function describe(
  ratePerSecond: number,
  capacity: KnownCapacity | undefined,
  load: Partial<LoadPlan> = {},
): (string | null)[] {
  const { scenario } = buildPlan()
  const plan = {
    scenario: { ...scenario, load: { ...scenario.load, ratePerSecond, ...load } },
    ...(capacity && { capacity }),
  }
  return [formatCapacity(plan), formatCapacityWarning(plan)]
}

test('capacity: what part of it the load is, and when it was measured', () => {
  expect(describe(200, known)).toEqual([
    'p99 doubles at 1,000 requests/s (measured 2026-03-01), the load is 20 % of it',
    null,
  ])
})

test('capacity: a load of more than half of it is warned of', () => {
  const [sentence, warning] = describe(501, known)
  expect(sentence).toMatch(/is 50\.1 % of it: more than half/)
  expect(warning).toMatch(/^501 requests\/s are more than half of the 1,000\/s .* \(--rate 500 is half\)$/)
  expect(describe(500, known)[1]).toBeNull()
})

test('capacity: where p99 never doubled, up to which rate it is known not to', () => {
  const unbounded = { ...known, kneePerSecond: null }
  expect(describe(800, unbounded)).toEqual(['p99 does not double up to 800 requests/s (measured 2026-03-01)', null])
  expect(describe(801, unbounded)[1]).toBe(
    '801 requests/s are more than the 800/s up to which p99 is known not to double',
  )
})

test('capacity: nothing where it is unknown or the load has no rate', () => {
  expect(describe(5_000, undefined)).toEqual([null, null])
  expect(describe(5_000, known, { closedLoop: { engine: 'autocannon', connections: 10 } as never })).toEqual([
    null,
    null,
  ])
})
