/** Waits until this process gets a processor when it needs one: for a while after pods have started, everything is late. */
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicUs } from '../../base/clock.ts'

export interface QuietOptions {
  /** How long every wake-up must be on time. */
  quietMs: number
  /** Maximum wait; whether the load was sent on time is judged from the load itself. */
  limitMs: number
  /** A wake-up later than this does not count as on time; the analysis has the same limit for the load's 99th percentile. */
  lateMs?: number
  /** Sleeps for the given number of ms; replaced in tests. */
  sleep?: (ms: number) => Promise<unknown>
}

const sleepMs = 5

/** Resolves with whether all wake-ups were on time for `quietMs`. */
export async function waitUntilQuiet({
  quietMs,
  limitMs,
  lateMs = 5,
  sleep: pause = sleep,
}: QuietOptions): Promise<boolean> {
  const endUs = monotonicUs() + limitMs * 1000
  let sinceUs = monotonicUs()
  for (;;) {
    const fromUs = monotonicUs()
    if (fromUs - sinceUs >= quietMs * 1000) return true
    if (fromUs >= endUs) return false
    await pause(sleepMs)
    const nowUs = monotonicUs()
    if (nowUs - fromUs > (sleepMs + lateMs) * 1000) sinceUs = nowUs
  }
}
