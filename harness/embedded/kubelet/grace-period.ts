/** The time that a pod or container has to end by itself, which later requests may shorten but never lengthen. */
import { monotonicUs } from '../../base/clock.ts'
import { sleepUntil } from './timing.ts'

/**
 * "Always give containers a minimal shutdown window": however much of the grace period a preStop hook used, SIGKILL follows the stop signal
 * no sooner than this (pod-lifecycle page, "one-off grace period extension of 2 seconds"; killContainer in kuberuntime_container.go).
 */
const minimumGracePeriodSeconds = 2

export class GracePeriod {
  #seconds: number
  #fromUs: number
  #shortenedUs = 0
  #shortened = Promise.withResolvers<void>()

  constructor(seconds: number, fromUs: number) {
    this.#seconds = seconds
    this.#fromUs = fromUs
  }

  /** The remaining time as the kubelet counts it: elapsed seconds are truncated (executePreStopHook). */
  get remainingSeconds(): number {
    return Math.max(0, this.#seconds - Math.floor((monotonicUs() - this.#fromUs) / 1e6))
  }

  /** Takes effect only if it ends the period sooner ("a grace period can only decrease", pod_workers.go). */
  shorten(seconds: number, fromUs: number): void {
    if (fromUs + seconds * 1e6 >= this.#endUs) return
    this.#seconds = seconds
    this.#fromUs = fromUs
    this.#shortenedUs = monotonicUs()
    this.#shortened.resolve()
    this.#shortened = Promise.withResolvers()
  }

  /** Waits for `done`, but no longer than the period lasts. True when `done` came first. */
  waitFor(done: Promise<unknown>): Promise<boolean> {
    const startUs = monotonicUs()
    const endUs = startUs + this.remainingSeconds * 1e6
    return this.#waitUntil(done, () => (this.#shortenedUs > startUs ? Math.min(endUs, this.#endUs) : endUs))
  }

  /** After a stop signal: waits for `exited` as long as the period lasts, at least two seconds. True when it came. */
  waitForExit(exited: Promise<unknown>): Promise<boolean> {
    const startUs = monotonicUs()
    const endUs = startUs + Math.max(minimumGracePeriodSeconds, this.remainingSeconds) * 1e6
    return this.#waitUntil(exited, () => {
      if (this.#shortenedUs <= startUs) return endUs
      return Math.min(endUs, Math.max(this.#endUs, this.#shortenedUs + minimumGracePeriodSeconds * 1e6))
    })
  }

  get #endUs(): number {
    return this.#fromUs + this.#seconds * 1e6
  }

  async #waitUntil(done: Promise<unknown>, deadlineUs: () => number): Promise<boolean> {
    let isDone = false
    const finished = done.then(() => {
      isDone = true
    })
    for (;;) {
      if (isDone || monotonicUs() >= deadlineUs()) break
      const timer = new AbortController()
      await Promise.race([finished, sleepUntil(deadlineUs(), timer.signal), this.#shortened.promise])
      timer.abort()
    }
    // A settled promise is only noticed a turn later, so this makes it count even for a period of zero.
    await Promise.race([finished, Promise.resolve().then(() => Promise.resolve())])
    return isDone
  }
}
