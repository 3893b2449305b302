/** Monotonic time in whole µs since an origin; on Linux the same clock (CLOCK_MONOTONIC) in every process of the machine. */
export interface Clock {
  /** CLOCK_MONOTONIC at the origin, µs. */
  readonly originUs: number
  now(): number
}

/** CLOCK_MONOTONIC in µs. A double counts µs exactly for 285 years of uptime. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

export function startClock(): Clock {
  const originUs = monotonicUs()
  return { originUs, now: () => monotonicUs() - originUs }
}
