/**
 * Whether the API server answers at all. A watch whose server has stopped, or whose connection is dead, looks like one without events;
 * later events are then stamped too late.
 */
import type { Clock } from '../base/clock.ts'
import { pause } from '../base/polling.ts'

export interface LivenessOptions {
  /** Sends a request; rejects without an answer. */
  probe: (signal: AbortSignal) => Promise<unknown>
  clock: Clock
  /** From `fromUs` until now there was no answer. */
  onGap: (fromUs: number, why: string) => void
  signal: AbortSignal
  everyMs?: number
  /** Time limit for an answer; generous, because a busy machine is not a gap. */
  limitMs?: number
}

/** Resolves when `signal` aborts. */
export async function monitorLiveness(options: LivenessOptions): Promise<void> {
  const { probe, clock, onGap, signal, everyMs = 1000, limitMs = 3000 } = options
  let lastAnswerUs = clock.now()
  const reportGap = (): void => {
    if (clock.now() - lastAnswerUs > (everyMs + limitMs) * 1000) onGap(lastAnswerUs, 'it did not answer')
  }
  while (!signal.aborted) {
    try {
      await probe(AbortSignal.any([signal, AbortSignal.timeout(limitMs)]))
      reportGap()
      lastAnswerUs = clock.now()
    } catch {
      // Silence is reported when it is over, or when the monitor stops.
    }
    await pause(everyMs, signal)
  }
  reportGap()
}
