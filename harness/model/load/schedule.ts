/**
 * When each request is due, and in which lane: a pure function of the plan and the request's number, so that the planned requests are known
 * without records.
 */
import { hashToFraction } from '../../base/random.ts'
import { lanes } from '../plan.ts'
import type { Lane, LoadPlan, WorkloadLane } from '../plan.ts'

export interface ScheduleOptions {
  seed: number
  /** Index of this driver, from 0, and the number of drivers that share the plan. */
  driver: number
  drivers: number
  /** All drivers together. */
  ratePerSecond: number
  shares: Shares
}

/** The share of each lane; `control` defaults to none. */
export type Shares = Record<WorkloadLane, number> & { control?: number }

export interface Schedule {
  /** The place in the plan of this driver's n-th request, both from 0. */
  readonly seq: (n: number) => number
  /** Whole µs after the schedule's origin. Never decreases with `seq`. */
  readonly dueUs: (seq: number) => number
  readonly lane: (seq: number) => Lane
  /** The number of this driver's requests that are due by an instant after the origin. */
  readonly dueBy: (us: number) => number
}

/**
 * Instants are one interval apart. The seed shifts them all by a part of an interval, so that repeated runs meet a server's own periods at
 * different phases. Lanes are assigned like Beatty sequences: after n requests a lane with share s has n·s of them, within three, spread
 * evenly. Each lane takes its part of what the previous ones leave. Worked example, shares ½, ¼, ¼, 0: f r f p f r f p …
 *
 * Drivers take turns: the second of three has the places 1, 4, 7 … So the total is the same for any number of drivers.
 */
export function buildSchedule({ seed, driver, drivers, ratePerSecond, shares }: ScheduleOptions): Schedule {
  const intervalUs = 1e6 / ratePerSecond
  const phase = hashToFraction(seed, 0)
  const dealers = buildDealers(shares, (place) => hashToFraction(seed, place + 1))
  const toSeq = (n: number): number => driver + n * drivers
  const toDueUs = (seq: number): number => Math.floor((seq + phase) * intervalUs)
  return {
    seq: toSeq,
    dueUs: toDueUs,
    dueBy(us) {
      let n = Math.max(0, Math.floor((us / intervalUs - phase - driver) / drivers))
      while (n > 0 && toDueUs(toSeq(n - 1)) > us) n--
      while (toDueUs(toSeq(n)) <= us) n++
      return n
    },
    lane(seq) {
      let left = seq
      for (const { lane, part, theta } of dealers) {
        const before = Math.floor(left * part + theta)
        if (Math.floor((left + 1) * part + theta) > before) return lane
        left -= before
      }
      return lastLane
    },
  }
}

const lastLane = lanes.at(-1) as Lane

/** For each lane but the last, its part of what the previous lanes leave. */
function buildDealers(
  shares: Shares,
  thetaOf: (place: number) => number,
): { lane: Lane; part: number; theta: number }[] {
  return lanes.slice(0, -1).map((lane, place) => {
    const rest = lanes.slice(place).reduce((sum, other) => sum + (shares[other] ?? 0), 0)
    return { lane, part: rest > 0 ? (shares[lane] ?? 0) / rest : 0, theta: thetaOf(place) }
  })
}

/**
 * The rate of all lanes together and the share of each; `controlled`: there is a pod that nothing disrupts. A closed loop has no rate to
 * which `control` could be added.
 */
export function computeLaneRates(
  { ratePerSecond, shares, controlPerSecond = 0, closedLoop }: LoadPlan,
  controlled: boolean,
): { ratePerSecond: number; shares: Record<Lane, number> } {
  const control = controlled && !closedLoop ? controlPerSecond : 0
  const sum = ratePerSecond + control
  const computeShare = (lane: WorkloadLane): number => shares[lane] * (ratePerSecond / sum)
  return {
    ratePerSecond: sum,
    shares: {
      fresh: computeShare('fresh'),
      reused: computeShare('reused'),
      'reused-post': computeShare('reused-post'),
      control: control / sum,
    },
  }
}

/** The lane `control` exists if the driver sends at a fixed rate. */
export function hasControlLane({ controlPerSecond = 0, closedLoop }: LoadPlan): boolean {
  return controlPerSecond > 0 && !closedLoop
}
