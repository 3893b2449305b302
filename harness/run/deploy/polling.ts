import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../base/fault.ts'

const pollMs = 100

/**
 * Asks again and again until `check` has nothing to complain of (`null`). Throws a Fault with the last complaint when
 * `limitMs` are over, and the signal's reason when it aborts.
 */
export async function waitUntil(
  what: string,
  limitMs: number,
  signal: AbortSignal,
  check: () => Promise<string | null> | string | null,
): Promise<void> {
  const deadline = performance.now() + limitMs
  for (;;) {
    signal.throwIfAborted()
    const complaint = await check()
    if (complaint === null) return
    if (performance.now() > deadline) {
      throw new Fault('unknown', `Waited ${limitMs / 1000} s for ${what}, in vain: ${complaint}`)
    }
    await sleep(pollMs, undefined, { signal })
  }
}
