/** Waits that can be cut short. */
import { monotonicUs } from '../../base/clock.ts'

/** Resolves after `ms`, or as soon as `signal` is aborted; never rejects. */
export function sleepUnlessAborted(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const settle = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', settle)
      resolve()
    }
    const timer = setTimeout(settle, Math.max(0, ms))
    signal?.addEventListener('abort', settle, { once: true })
  })
}

/** Resolves at or after `atUs` on the monotonic clock; a timer of Node may fire up to 1 ms before its time. */
export async function sleepUntil(atUs: number, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const leftUs = atUs - monotonicUs()
    if (leftUs <= 0 || signal?.aborted === true) return
    await sleepUnlessAborted(Math.ceil(leftUs / 1000), signal)
  }
}

/** Resolves when `signal` is aborted. */
export function waitForAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
