/** Wall-clock times in Kubernetes' form, derived from monotonic time stamps so that both agree. */
import { monotonicUs } from '../../base/clock.ts'

let offsetUs = readOffset()

/** Wall-clock µs since 1970 of a monotonic stamp, by the present setting of the wall clock. */
export function toWallClockUs(atUs: number): number {
  const driftUs = Date.now() * 1000 - (monotonicUs() + offsetUs)
  // If the process loses its processor between the two readings, they differ by a few ms although the wall clock was not set.
  if (Math.abs(driftUs) > clockStepUs) offsetUs = readOffset()
  return atUs + offsetUs
}

const clockStepUs = 50_000

function readOffset(): number {
  return Date.now() * 1000 - monotonicUs()
}

/** metav1.Time: whole seconds. */
export function formatSeconds(atUs: number): string {
  return `${new Date(toWallClockUs(atUs) / 1000).toISOString().slice(0, 19)}Z`
}

/** RFC 3339 with nine digits, the form of container logs, from wall-clock µs since 1970. */
export function formatNanoseconds(wallUs: number): string {
  const us = Math.round(wallUs)
  const whole = new Date(Math.floor(us / 1000)).toISOString().slice(0, 19)
  return `${whole}.${String(us % 1_000_000).padStart(6, '0')}000Z`
}
