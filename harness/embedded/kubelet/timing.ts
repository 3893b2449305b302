/** Waiting that can be cut short. */
import { monotonicUs } from '../../base/clock.ts'

/** Resolves after `ms`, or as soon as `signal` is aborted; never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, Math.max(0, ms))
    signal?.addEventListener('abort', end, { once: true })
  })
}

/** Resolves at or after `atUs` on the monotonic clock; a timer of Node may fire up to 1 ms before its time. */
export async function sleepUntil(atUs: number, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const leftUs = atUs - monotonicUs()
    if (leftUs <= 0 || signal?.aborted === true) return
    await sleep(Math.ceil(leftUs / 1000), signal)
  }
}

/** Resolves when `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
