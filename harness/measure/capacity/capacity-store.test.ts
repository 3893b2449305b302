import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { RunPlan } from '../../model/plan.ts'
import { formatCapacityWarning } from '../../judge/report/capacity-sentence.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { computeFingerprint, findCapacity, storeCapacity } from './capacity-store.ts'
import type { StoredCapacity, CapacityInputs } from './capacity-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'capacities-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { plan } = buildSampleComparison().runs[0]!
const container = { name: 'app', image: 'app:1', lifecycle: { preStop: { sleep: { seconds: 5 } } } }
const createPatch = (changed: object): CapacityInputs['patch'] => ({
  spec: { template: { spec: { containers: [{ ...container, ...changed }] } } },
})
const workload: CapacityInputs = { base: { workload: [] }, patch: createPatch({}), plan }
const withLoad = (changed: Partial<RunPlan['scenario']['load']>, more: Partial<RunPlan> = {}): CapacityInputs => ({
  ...workload,
  plan: { ...plan, scenario: { ...plan.scenario, load: { ...plan.scenario.load, ...changed } }, ...more },
})

test('capacity: holds for every rate and way to end, and for nothing else', () => {
  const same = [
    withLoad({ ratePerSecond: 7 }),
    { ...workload, patch: createPatch({ lifecycle: undefined }) },
    withLoad({}, { seed: 9, round: 3 }),
  ]
  for (const one of same) expect(computeFingerprint(one)).toBe(computeFingerprint(workload))
  const others = [
    withLoad({ workMs: 7 }),
    withLoad({}, { cluster: 'kind' }),
    withLoad({}, { environment: { ...plan.environment, cpus: 64 } }),
    { ...workload, patch: createPatch({ image: 'app:2' }) },
  ]
  const all = new Set([workload, ...others].map(computeFingerprint))
  expect(all.size).toBe(others.length + 1)
})

test('capacity: is found again; a file of something else is refused', () => {
  expect(findCapacity(folder, workload)).toBeNull()
  const capacity = { kneePerSecond: 300, belowPerSecond: 280, measured: '2026-11-25T01:02:03.000Z' }
  storeCapacity(folder, workload, { schema: 1, configuration: 'naive', ...capacity } as StoredCapacity)
  expect(findCapacity(folder, withLoad({ ratePerSecond: 150 }))).toEqual(capacity)
  expect(findCapacity(folder, withLoad({ workMs: 1 }))).toBeNull()
  writeFileSync(join(folder, readdirSync(folder)[0]!), '{"schema":')
  expect(() => findCapacity(folder, workload)).toThrow('Cannot read the capacity in')
})

test('capacity: a rate above half of it gives a warning', () => {
  const getWarning = (ratePerSecond: number, kneePerSecond: number | null): string | null =>
    formatCapacityWarning({
      ...withLoad({ ratePerSecond }).plan,
      capacity: { kneePerSecond, belowPerSecond: 280, measured: '' },
    })
  expect(getWarning(150, 300)).toBeNull()
  expect(getWarning(151, 300)).toBe(
    '151 requests/s are more than half of the 300/s at which p99 doubles: latencies will depend on the load too (--rate 150 is half)',
  )
  expect(getWarning(280, null)).toBeNull()
  expect(getWarning(281, null)).toContain('more than the 280/s')
  expect(formatCapacityWarning(withLoad({ ratePerSecond: 9_999 }).plan)).toBeNull()
})
