/** Whether this process gets a processor when it wants one: where pods have just started, everything is late for a while. */
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicUs } from '../../base/clock.ts'

export interface QuietOptions {
  /** How long there must be calm. */
  quietMs: number
  /** After this time it is not waited for any longer: whether the load was sent on time is judged by the load itself. */
  limitMs: number
  /** Lateness beyond this is no calm; the analysis holds the load's 99th percentile to the same. */
  lateMs?: number
  /** Sleeps for so many ms; for tests. */
  sleep?: (ms: number) => Promise<unknown>
}

const sleepMs = 5

/** Resolves with whether it was woken up on time again and again for as long as was asked. */
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
