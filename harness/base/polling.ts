/** Checks a condition at intervals until it is true or a time limit is over. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from './fault.ts'

export interface PollOptions {
  limitMs: number
  /** Time in ms from the end of one attempt to the next; default: 100. */
  intervalMs?: number
  signal?: AbortSignal
  /** What to do after a timeout. */
  advice?: string
}

const defaultIntervalMs = 100

/**
 * Resolves once `check` returns `null`; any other value says what was seen instead. `what` is awaited, as in "the old pods to terminate".
 * Rejects with the error of `check`, with the signal's reason, and after a timeout with a Fault that says what was seen last.
 */
export async function waitUntil(
  what: string,
  options: PollOptions,
  check: () => string | null | Promise<string | null>,
): Promise<void> {
  const { limitMs, intervalMs = defaultIntervalMs, signal, advice } = options
  const deadline = performance.now() + limitMs
  for (;;) {
    signal?.throwIfAborted()
    const seen = await check()
    if (seen === null) return
    if (performance.now() >= deadline) {
      const last = seen === '' ? '' : `; last seen: ${seen}`
      throw new Fault('unknown', `Timed out after ${limitMs / 1000} s waiting for ${what}${last}`, advice)
    }
    await pause(intervalMs, signal)
  }
}

/** As `waitUntil`; resolves with the first value that is neither `undefined` nor `false`. */
export async function waitFor<T>(
  what: string,
  options: PollOptions,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  let answer: T | undefined | false
  await waitUntil(what, options, async () => {
    answer = await ask()
    return answer === undefined || answer === false ? '' : null
  })
  return answer as T
}

/** Resolves after `ms`, or at once when the signal aborts: for loops that check the signal themselves. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined)
}
