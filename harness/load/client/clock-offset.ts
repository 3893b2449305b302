/** How far a driver's clock runs ahead of the run's, and what is left of knowing it as time goes by. */

/** The driver's clock minus the run's, give or take. */
export interface ClockOffset {
  offsetUs: number
  errorUs: number
}

/** One reading of the driver's clock, and the run's before it was asked for and after it arrived. */
export interface ClockReading {
  us: number
  beforeUs: number
  afterUs: number
}

/**
 * The rates of two CLOCK_MONOTONICs differ by at most so much: each is kept by NTP, which corrects it by 500 ppm at most
 * (adjtimex(2), the kernel's MAXFREQ).
 */
const driftPerUs = 1e-3

/** The clock was read somewhere between, so the middle is off by half the way at most (Cristian's algorithm). */
export function computeOffset({ us, beforeUs, afterUs }: ClockReading): ClockOffset {
  return { offsetUs: us - Math.round((beforeUs + afterUs) / 2), errorUs: Math.ceil((afterUs - beforeUs) / 2) }
}

/** What an offset that was measured `elapsedUs` ago says now. */
export function ageOffset({ offsetUs, errorUs }: ClockOffset, elapsedUs: number): ClockOffset {
  return { offsetUs, errorUs: errorUs + Math.ceil(elapsedUs * driftPerUs) }
}

/** The surer one. */
export function chooseBetter(one: ClockOffset | null, other: ClockOffset): ClockOffset {
  return one !== null && one.errorUs < other.errorUs ? one : other
}
