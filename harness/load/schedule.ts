/**
 * When each request is due and in which lane: a pure function of the plan and the request's number, so that what was planned
 * can be told without having been there.
 */
import { lanes } from '../model/plan.ts'
import type { Lane, WorkloadLane } from '../model/plan.ts'

export interface ScheduleOptions {
  seed: number
  driver: number
  ratePerSecond: number
  shares: Shares
}

/** The part of each lane; without a word on `control` there is none. */
export type Shares = Record<WorkloadLane, number> & { control?: number }

export interface Schedule {
  /** µs after the schedule's origin, whole. Never decreases with `seq`. */
  readonly dueUs: (seq: number) => number
  readonly lane: (seq: number) => Lane
}

/**
 * Instants are one interval apart; the seed moves them all by a part of one, so that repeated runs do not meet a server's own
 * periods at the same phase. Lanes are dealt like Beatty sequences: after n requests a lane of share s has got n·s, give
 * or take three, and its own instants are spread evenly. Each lane takes its part of what the ones before it have left.
 * Worked example, shares ½, ¼, ¼, 0: f r f p f r f p …
 */
export function schedule({ seed, driver, ratePerSecond, shares }: ScheduleOptions): Schedule {
  const intervalUs = 1e6 / ratePerSecond
  const phase = fraction(seed, driver, 0)
  const dealers = dealersOf(shares, (place) => fraction(seed, driver, place + 1))
  return {
    dueUs: (seq) => Math.floor((seq + phase) * intervalUs),
    lane(seq) {
      let left = seq
      for (const { lane, part, theta } of dealers) {
        const before = Math.floor(left * part + theta)
        if (Math.floor((left + 1) * part + theta) > before) return lane
        left -= before
      }
      return last
    },
  }
}

const last = lanes.at(-1) as Lane

/** For each lane but the last its part of what the ones before it leave. */
function dealersOf(shares: Shares, thetaOf: (place: number) => number): { lane: Lane; part: number; theta: number }[] {
  return lanes.slice(0, -1).map((lane, place) => {
    const rest = lanes.slice(place).reduce((sum, other) => sum + (shares[other] ?? 0), 0)
    return { lane, part: rest > 0 ? (shares[lane] ?? 0) / rest : 0, theta: thetaOf(place) }
  })
}

/** A number in [0, 1) that depends on nothing but its arguments (splitmix32's finaliser). */
function fraction(seed: number, driver: number, salt: number): number {
  let x = (seed % 4_294_967_296) ^ Math.imul(driver + 1, 0x9e37_79b9) ^ Math.imul(salt + 1, 0x85eb_ca6b)
  x = Math.imul(x ^ (x >>> 16), 0x21f0_aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a_2d97)
  return ((x ^ (x >>> 15)) >>> 0) / 4_294_967_296
}
