/** Which requests were due at another instant, or are in another lane, than the plan's own schedule gives them. */
import { lanes } from '../../model/plan.ts'
import type { RunPlan } from '../../model/plan.ts'
import { hasControlLane, computeLaneRates, buildSchedule } from '../../model/load/schedule.ts'
import type { Schedule } from '../../model/load/schedule.ts'
import type { Evidence } from './evidence.ts'
import { parseRequestKey } from './request-key.ts'
import { growColumn } from './grow-column.ts'
import { getRangeEnd } from './seq-ranges.ts'

export interface OffSchedule {
  /** Due at another instant. */
  requests: number
  furthestUs: number
  /** In another lane. */
  inLane: number
}

/** Times are whole. */
const roundingUs = 10

/**
 * The origin of each driver's schedule is the median of what its requests give, so that one that was moved does not move the others'.
 * Of an open loop.
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

/** Of a run of them the first and the last: those between are as far apart as the schedule has them. */
function addAggregated(origins: ResidualsByDriver, { aggregated }: Evidence['requests'], one: Schedule): void {
  for (const run of aggregated.listRanges()) {
    origins.add(run.driver, run.firstDueUs - one.dueUs(run.first))
    origins.add(run.driver, run.lastDueUs - one.dueUs(getRangeEnd(run) - run.stride))
  }
}

/** A driver has its own clock, on which instants are exact: they move by as much as what is known of that clock does. */
function computeClockCorrectionUs({ seen }: Evidence, driver: number): number {
  const offsets = seen.clock.flatMap((clock) => (clock.driver === driver ? [clock.offsetUs] : []))
  let [least, most] = [Infinity, -Infinity]
  for (const offset of offsets) [least, most] = [Math.min(least, offset), Math.max(most, offset)]
  return offsets.length === 0 ? 0 : most - least
}

/** Due minus scheduled of every request, by driver. */
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
