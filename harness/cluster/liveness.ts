/**
 * Whether the API server answers at all. A watch whose server stands still, or whose connection leads nowhere any more, looks
 * like one in which nothing happens; what it brings afterwards is stamped too late.
 */
import type { Clock } from '../base/clock.ts'
import { pause } from '../base/polling.ts'

export interface LivenessOptions {
  /** Asks for a sign of life; rejects when there is none. */
  probe: (signal: AbortSignal) => Promise<unknown>
  clock: Clock
  /** From `fromUs` until now there was no sign of life. */
  onGap: (fromUs: number, why: string) => void
  signal: AbortSignal
  everyMs?: number
  /** How long an answer may take before it counts as none; a busy machine is no gap. */
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
      // Silence is told when it is over, or when nobody listens any more.
    }
    await pause(everyMs, signal)
  }
  reportGap()
}
