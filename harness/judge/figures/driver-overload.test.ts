import { describe, expect, test } from 'vitest'
import type { DriverHealth, LogRecord } from '../../model/record.ts'
import type { PhaseSpan, Quantiles } from '../../model/result.ts'
import { buildLog, ms, second } from '../../testing/samples/rollout-log.ts'
import { collectEvidence } from '../facts/evidence.ts'
import type { Evidence } from '../facts/evidence.ts'
import { computeIdleShare, computeLagLimitUs, computeMeanHealth, explainOverload } from './driver-overload.ts'
import type { LagFigures } from './driver-overload.ts'

/** Measured from 10 s to 20 s. */
const phases: PhaseSpan[] = [
  { phase: 'before', fromUs: 10 * second, toUs: 14 * second },
  { phase: 'during', fromUs: 14 * second, toUs: 20 * second },
]

const quantiles = (p99Us: number | null, maxUs = p99Us): Quantiles => ({
  count: p99Us === null ? 0 : 1_000,
  p50Us: p99Us,
  p90Us: p99Us,
  p99Us,
  p999Us: null,
  maxUs,
})
const load = (lagP99Us: number, { lagMaxUs = lagP99Us, latencyP99Us = 100 * ms } = {}): LagFigures => ({
  latency: quantiles(latencyP99Us),
  sendLag: quantiles(lagP99Us, lagMaxUs),
})

/** Reports of one driver at these seconds. */
async function collectHealth(
  ...reports: [atS: number, health: Partial<DriverHealth>, driver?: number][]
): Promise<Evidence> {
  const idle = { planned: 0, settled: 0, inFlight: 0, loopDelayMaxUs: 0, cpuShare: 0 }
  return collectEvidence(
    buildLog(
      reports.map(([atS, health, driver = 0]): LogRecord => {
        return { type: 'driver', t: atS * second, driver, health: { ...idle, ...health } }
      }),
    ),
  )
}

test('lag limit: a tenth of what an answer takes, and never so little that a driver could not keep it', () => {
  expect(computeLagLimitUs(load(0, { latencyP99Us: 100 * ms }))).toBe(10 * ms)
  expect(computeLagLimitUs(load(0, { latencyP99Us: 5 * ms }))).toBe(2 * ms)
  expect(computeLagLimitUs({ latency: quantiles(null) })).toBe(2 * ms)
})

describe('a driver is overloaded', () => {
  test('that sends too late, for the answers that it got', async () => {
    const evidence = await collectHealth()
    expect(explainOverload(load(10 * ms), evidence, phases)).toBeNull()
    expect(explainOverload(load(10.1 * ms), evidence, phases)).toBe(
      'driver overloaded: 1 % of the requests were sent 10.1 ms or more after they were due',
    )
    expect(explainOverload(load(10.1 * ms, { latencyP99Us: second }), evidence, phases)).toBeNull()
  })

  test('that sent one request more than a second late', async () => {
    const evidence = await collectHealth()
    expect(explainOverload(load(1 * ms, { lagMaxUs: second }), evidence, phases)).toBeNull()
    expect(explainOverload(load(1 * ms, { lagMaxUs: 1.5 * second }), evidence, phases)).toBe(
      'driver overloaded: a request was sent 1.5 s after it was due',
    )
  })

  test('that used more than seven tenths of a core', async () => {
    expect(explainOverload(load(ms), await collectHealth([20, { cpuShare: 0.7 }]), phases)).toBeNull()
    expect(explainOverload(load(ms), await collectHealth([20, { cpuShare: 0.75 }]), phases)).toBe(
      'driver overloaded: it used 75 % of a core',
    )
  })

  test('that waited for its core, where that shows in what it sent too', async () => {
    const waiting = await collectHealth([20, { waitShare: 0.3 }])
    expect(explainOverload(load(2.5 * ms), waiting, phases)).toBeNull()
    expect(explainOverload(load(2.6 * ms), waiting, phases)).toBe(
      'driver overloaded: it waited 30 % of the time for a core that something else had',
    )
    expect(explainOverload(load(2.6 * ms), await collectHealth([20, { waitShare: 0.1 }]), phases)).toBeNull()
  })

  test('stolen time is told beside a reason, and is none', async () => {
    const stolen = await collectHealth([20, { stolenShare: 0.2 }])
    expect(explainOverload(load(ms), stolen, phases)).toBeNull()
    expect(explainOverload(load(20 * ms), stolen, phases)).toMatch(
      /due; 20 % of its machine's time went to other machines$/,
    )
    const little = await collectHealth([20, { stolenShare: 0.009 }])
    expect(explainOverload(load(20 * ms), little, phases)).not.toContain('other machines')
  })
})

describe('health', () => {
  const mean = async (...reports: Parameters<typeof collectHealth>): Promise<number> =>
    computeMeanHealth(await collectHealth(...reports), phases, 'cpuShare')

  test('each report counts for the time since the one before', async () => {
    // 0.1 for 8 s and 0.6 for 2 s.
    expect(await mean([18, { cpuShare: 0.1 }], [20, { cpuShare: 0.6 }])).toBeCloseTo(0.2)
  })

  test('what came before or after the load was measured does not count', async () => {
    expect(await mean([10, { cpuShare: 1 }], [15, { cpuShare: 0.3 }], [21, { cpuShare: 1 }])).toBeCloseTo(0.3)
    expect(await mean([9, { cpuShare: 1 }])).toBe(0)
  })

  test('of several drivers the busiest counts', async () => {
    expect(await mean([20, { cpuShare: 0.2 }], [20, { cpuShare: 0.5 }, 1])).toBeCloseTo(0.5)
  })

  test('idle cores: of the busiest machine, and unknown where no kernel tells', async () => {
    const idle = async (...reports: Parameters<typeof collectHealth>): Promise<number | null> =>
      computeIdleShare(await collectHealth(...reports), phases)
    expect(await idle([12, { idleShare: 0.2 }], [20, { idleShare: 0.4 }], [20, { idleShare: 0.9 }, 1])).toBeCloseTo(0.3)
    expect(await idle([10, { idleShare: 0.1 }], [20, { idleShare: 0.5 }])).toBe(0.5)
    expect(await idle([20, {}])).toBeNull()
  })
})
