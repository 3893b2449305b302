/** Wall-clock times as Kubernetes writes them, derived from monotonic stamps so that both tell the same story. */
import { monotonicUs } from '../../clock.ts'

let offsetUs = readOffset()

/** Wall-clock µs since 1970 of a monotonic stamp, by the wall clock as it is set now. */
export function wallUs(atUs: number): number {
  const driftUs = Date.now() * 1000 - (monotonicUs() + offsetUs)
  // Date.now() cuts off up to 1 ms.
  if (driftUs > 1_000 || driftUs < -2_000) offsetUs = readOffset()
  return atUs + offsetUs
}

function readOffset(): number {
  return Date.now() * 1000 - monotonicUs()
}

/** metav1.Time: whole seconds. */
export function secondsTime(atUs: number): string {
  return `${new Date(wallUs(atUs) / 1000).toISOString().slice(0, 19)}Z`
}

/** RFC 3339 with nine digits, as container logs carry it. */
export function nanosTime(atUs: number): string {
  const us = Math.round(wallUs(atUs))
  const whole = new Date(Math.floor(us / 1000)).toISOString().slice(0, 19)
  return `${whole}.${String(us % 1_000_000).padStart(6, '0')}000Z`
}
