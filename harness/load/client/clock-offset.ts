/** How far a driver's clock is ahead of the run's clock, and how uncertain that becomes over time. */

/** The driver's clock minus the run's, with the largest possible error. */
export interface ClockOffset {
  offsetUs: number
  errorUs: number
}

/** One reading of the driver's clock, with the run's clock before the request and after the answer. */
export interface ClockReading {
  us: number
  beforeUs: number
  afterUs: number
}

/**
 * Maximum drift between two CLOCK_MONOTONICs, in µs per µs: NTP corrects the rate of each by 500 ppm at most (adjtimex(2), the kernel's
 * MAXFREQ).
 */
const driftPerUs = 1e-3

/** The clock was read between the two times, so their middle is wrong by at most half the distance (Cristian's algorithm). */
export function computeOffset({ us, beforeUs, afterUs }: ClockReading): ClockOffset {
  return { offsetUs: us - Math.round((beforeUs + afterUs) / 2), errorUs: Math.ceil((afterUs - beforeUs) / 2) }
}

/** The offset with the error it has `elapsedUs` after it was measured. */
export function ageOffset({ offsetUs, errorUs }: ClockOffset, elapsedUs: number): ClockOffset {
  return { offsetUs, errorUs: errorUs + Math.ceil(elapsedUs * driftPerUs) }
}

/** Returns the offset with the smaller error. */
export function chooseBetter(one: ClockOffset | null, other: ClockOffset): ClockOffset {
  return one !== null && one.errorUs < other.errorUs ? one : other
}
