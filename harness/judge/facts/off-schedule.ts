/** Counts requests that were due at another instant, or are in another lane, than in the plan's schedule. */
import { lanes } from '../../model/plan.ts'
import type { RunPlan } from '../../model/plan.ts'
import { hasControlLane, computeLaneRates, buildSchedule } from '../../model/load/schedule.ts'
import type { Schedule } from '../../model/load/schedule.ts'
import type { Evidence } from './evidence.ts'
import { parseRequestKey } from './request-key.ts'
import { growColumn } from './grow-column.ts'
import { getRangeEnd } from './seq-ranges.ts'

export interface OffSchedule {
  /** Number that were due at another instant. */
  requests: number
  furthestUs: number
  /** Number in another lane. */
  inLane: number
}

/** Times are whole µs. */
const roundingUs = 10

/**
 * The origin of each driver's schedule is the median over its requests, so that one wrong time does not shift the others. For an open loop.
 */
export function countOffSchedule(plan: RunPlan, evidence: Evidence): OffSchedule {
  const { load } = plan.scenario
  const rates = computeLaneRates(load, evidence.control.total > 0 || hasControlLane(load))
  const off: OffSchedule = { requests: 0, furthestUs: 0, inLane: 0 }
  const origins = new ResidualsByDriver()
  const one = buildSchedule({ seed: plan.seed, driver: 0, drivers: 1, ...rates })
  for (const table of [evidence.requests, evidence.control]) {
    for (const [index, key] of table.keys().entries()) {
      const { driver, seq } = parseRequestKey(key)
      origins.add(driver, table.dueUs(index) - one.dueUs(seq))
      if (lanes[table.lane(index)] !== one.lane(seq)) off.inLane++
    }
    addAggregated(origins, table, one)
  }
  for (const [driver, residuals] of origins.list()) {
    const allowedUs = roundingUs + computeClockCorrectionUs(evidence, driver)
    const middle = residuals.toSorted()[residuals.length >> 1] ?? 0
    for (const residual of residuals) {
      const us = Math.abs(residual - middle)
      if (us <= allowedUs) continue
      off.requests++
      off.furthestUs = Math.max(off.furthestUs, us)
    }
  }
  return off
}

/** For a range the first and the last: those between are evenly spaced, as in the schedule. */
function addAggregated(origins: ResidualsByDriver, { aggregated }: Evidence['requests'], one: Schedule): void {
  for (const run of aggregated.listRanges()) {
    origins.add(run.driver, run.firstDueUs - one.dueUs(run.first))
    origins.add(run.driver, run.lastDueUs - one.dueUs(getRangeEnd(run) - run.stride))
  }
}

/** A driver's instants are exact on its own clock; converted, they move as far as the estimate of that clock does. */
function computeClockCorrectionUs({ seen }: Evidence, driver: number): number {
  const offsets = seen.clock.flatMap((clock) => (clock.driver === driver ? [clock.offsetUs] : []))
  let [least, most] = [Infinity, -Infinity]
  for (const offset of offsets) [least, most] = [Math.min(least, offset), Math.max(most, offset)]
  return offsets.length === 0 ? 0 : most - least
}

/** Due minus scheduled time of every request, by driver. */
class ResidualsByDriver {
  readonly #drivers = new Map<number, { size: number; values: Float64Array<ArrayBuffer> }>()

  add(driver: number, residual: number): void {
    let own = this.#drivers.get(driver)
    if (own === undefined) this.#drivers.set(driver, (own = { size: 0, values: new Float64Array(1024) }))
    if (own.size === own.values.length) own.values = growColumn<Float64Array<ArrayBuffer>>(own.values)
    own.values[own.size++] = residual
  }

  *list(): Generator<[driver: number, residuals: Float64Array]> {
    for (const [driver, { size, values }] of this.#drivers) yield [driver, values.subarray(0, size)]
  }
}
