/**
 * When each request is due and in which lane: a pure function of the plan and the request's number, so that what was planned
 * can be told without having been there.
 */
import { lanes } from '../model/plan.ts'
import type { Lane } from '../model/plan.ts'

export interface ScheduleOptions {
  seed: number
  driver: number
  ratePerSecond: number
  shares: Record<Lane, number>
}

export interface Schedule {
  /** µs after the schedule's origin, whole. Never decreases with `seq`. */
  readonly dueUs: (seq: number) => number
  readonly lane: (seq: number) => Lane
}

/**
 * Instants are one interval apart; the seed moves them all by a part of one, so that repeated runs do not meet a server's own
 * periods at the same phase. Lanes are dealt like Beatty sequences: after n requests a lane of share s has got n·s, give
 * or take two, and its own instants are spread evenly. Worked example, shares ½, ¼, ¼: f r f p f r f p …
 */
export function schedule({ seed, driver, ratePerSecond, shares }: ScheduleOptions): Schedule {
  const intervalUs = 1e6 / ratePerSecond
  const phase = fraction(seed, driver, 0)
  const theta = fraction(seed, driver, 1)
  const innerTheta = fraction(seed, driver, 2)
  const [first, second, third] = lanes as [Lane, Lane, Lane]
  const rest = shares[second] + shares[third]
  const outer = shares[first] / (shares[first] + rest)
  const inner = rest > 0 ? shares[second] / rest : 0
  return {
    dueUs: (seq) => Math.floor((seq + phase) * intervalUs),
    lane(seq) {
      const before = Math.floor(seq * outer + theta)
      if (Math.floor((seq + 1) * outer + theta) > before) return first
      const others = seq - before
      return Math.floor((others + 1) * inner + innerTheta) > Math.floor(others * inner + innerTheta) ? second : third
    },
  }
}

/** A number in [0, 1) that depends on nothing but its arguments (splitmix32's finaliser). */
function fraction(seed: number, driver: number, salt: number): number {
  let x = (seed % 4_294_967_296) ^ Math.imul(driver + 1, 0x9e37_79b9) ^ Math.imul(salt + 1, 0x85eb_ca6b)
  x = Math.imul(x ^ (x >>> 16), 0x21f0_aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a_2d97)
  return ((x ^ (x >>> 15)) >>> 0) / 4_294_967_296
}
