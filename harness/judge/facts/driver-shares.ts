/** The part of the plan that each driver had, and how many of its requests are in the log. */
import type { RunPlan } from '../../model/plan.ts'
import type { Evidence, RecordOf } from './evidence.ts'
import { parseRequestKey } from './request-key.ts'
import { compareRanges, getRangeEnd, containsSeq, countRepeated } from './seq-ranges.ts'

/** One driver's part of the plan, and how much of it was carried out. */
export interface DriverShare {
  end: RecordOf<'end'> | null
  /** From the driver's end record; without one, the number of requests that it is known to have planned. */
  planned: number
  /** Requests of all lanes that ended. */
  settled: number
}

export interface DriverShares {
  of: Iterable<DriverShare>
  /** All drivers together. */
  planned: number
  /** How many requests ended more than once. */
  twice: number
  /** Whether a request ended that is in no driver's share, or in that of another driver. */
  strange: boolean
}

/** `firstSeq`: where the run's part of the plan begins; drivers count from the beginning of the whole plan. */
export function computeDriverShares(
  { requests, control, seen }: Evidence,
  { drivers, firstSeq = 0 }: Pick<RunPlan, 'drivers' | 'firstSeq'>,
): DriverShares {
  const shares = new Map<number, DriverShare & { beyond: number; foreign: boolean }>()
  const getShare = (driver: number): DriverShare & { beyond: number; foreign: boolean } => {
    const share = shares.get(driver) ?? { end: null, planned: 0, settled: 0, beyond: 0, foreign: false }
    shares.set(driver, share)
    return share
  }
  const countBefore = (driver: number): number => Math.ceil(Math.max(0, firstSeq - driver) / drivers)
  const countUpTo = (seq: number, driver: number): number => Math.floor(seq / drivers) + 1 - countBefore(driver)
  const runs = [...requests.aggregated.listRanges(), ...control.aggregated.listRanges()].sort(compareRanges)
  let twice = countRepeated(runs)
  let last = -1
  for (const key of mergeSortedKeys([requests, control])) {
    const { driver, seq } = parseRequestKey(key)
    const share = getShare(driver)
    share.settled++
    // Sequence numbers are ascending: the last one of a driver is its largest.
    share.beyond = countUpTo(seq, driver)
    if (seq % drivers !== driver || seq < firstSeq) share.foreign = true
    if (key === last || containsSeq(runs, driver, seq)) twice++
    last = key
  }
  for (const run of runs) {
    const share = getShare(run.driver)
    share.settled += run.count
    share.beyond = Math.max(share.beyond, countUpTo(getRangeEnd(run) - run.stride, run.driver))
    if (run.first % drivers !== run.driver || run.stride !== drivers || run.first < firstSeq) share.foreign = true
  }
  for (const { driver, health } of seen.driver) {
    const share = getShare(driver)
    share.planned = Math.max(share.planned, health.planned - countBefore(driver))
  }
  for (const share of shares.values()) share.planned = Math.max(share.planned, share.settled, share.beyond)
  for (const end of seen.end)
    Object.assign(getShare(end.driver), { end, planned: end.planned - countBefore(end.driver) })
  const all = [...shares.values()]
  return {
    of: all,
    planned: all.reduce((sum, { planned }) => sum + planned, 0),
    twice,
    strange: all.some(({ foreign, beyond, planned }) => foreign || beyond > planned),
  }
}

/** Sorted, of all tables together: a request must not end in two lanes. */
function mergeSortedKeys(tables: readonly Evidence['requests'][]): Float64Array {
  const keys = new Float64Array(tables.reduce((sum, { size }) => sum + size, 0))
  let from = 0
  for (const table of tables) {
    keys.set(table.keys(), from)
    from += table.size
  }
  return keys.sort()
}
