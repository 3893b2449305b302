/**
 * Wakes up when the next request is due, as exactly as an event loop allows.
 *
 * Timers of an event loop have a resolution of a millisecond. So a timer ends before the due instant, and the thread sleeps the rest in
 * pieces: it waits in the kernel for part of a millisecond, looks for responses, and sleeps again. A sleep delays the recorded arrival of a
 * response by at most its length and the kernel's timer slack. Due requests are sent in the loop's check phase, right after all arrived
 * data was read, so a connection whose FIN has arrived is never used.
 *
 * Waking up costs more than sending, on a virtual machine several times more. At more than 1 s / `busySleepUs`, or 6,667 requests a second,
 * several become due within one sleep: it is then not cut short for the next request and lasts until `batchSize` are due or
 * `longestSleepUs` have passed. They are sent together; the delay of the first shows in its lag.
 */
import { writeFileSync } from 'node:fs'
import { monotonicUs } from '../../base/clock.ts'

/** Longest sleep while responses may arrive, and while none can. */
const busySleepUs = 150
const idleSleepUs = 1000
/** At a rate at which several requests become due within one sleep: how many are sent together at most, and after how long. */
const batchSize = 4
const longestSleepUs = 400
/** Below this a sleep is not worth its system call, and the loop just turns. */
const shortestSleepUs = 15
/** A loop timer may be late by its resolution, so it is set to end this much early. */
const timerEarlyUs = 1200

export interface PacerWork {
  /** Sends what is due and returns when it must be called next, in µs of the driver's clock; infinite when never again. */
  tick(nowUs: number): number
  /** Whether a response may arrive at any moment. */
  isBusy(): boolean
  /** Interval between two due instants, in µs. */
  readonly intervalUs: number
}

export class Pacer {
  readonly #work: PacerWork
  readonly #cell = new Int32Array(new SharedArrayBuffer(4))
  /** The fixed length of a sleep, at rates at which it is not cut short. */
  readonly #wholeUs: number | null
  #timer: NodeJS.Timeout | null = null
  #immediate: NodeJS.Immediate | null = null
  #afterSendCallbacks: (() => void)[] = []

  constructor(work: PacerWork) {
    this.#work = work
    this.#wholeUs = computeFixedSleepUs(work.intervalUs)
    reduceTimerSlack()
  }

  /** Calls `tick` as soon as the loop has read all data that has arrived. */
  wake(): void {
    if (this.#immediate !== null) return
    this.#clear()
    this.#immediate = setImmediate(() => this.#turn())
  }

  stop(): void {
    this.#clear()
    this.#runAfterSendCallbacks()
  }

  /**
   * Resolves right after due requests were sent, or when none is due for a while. Work done at once after that replaces a sleep; at any
   * other time it would delay the next request in addition to the sleep.
   */
  afterSending(): Promise<void> {
    if (this.#immediate === null) return Promise.resolve()
    return new Promise((resolve) => this.#afterSendCallbacks.push(resolve))
  }

  /** Returns whether there were any. */
  #runAfterSendCallbacks(): boolean {
    const callbacks = this.#afterSendCallbacks
    this.#afterSendCallbacks = []
    for (const callback of callbacks) callback()
    return callbacks.length > 0
  }

  #clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#immediate !== null) clearImmediate(this.#immediate)
    this.#timer = null
    this.#immediate = null
  }

  #turn(): void {
    this.#immediate = null
    const nextUs = this.#work.tick(monotonicUs())
    const hasRun = this.#runAfterSendCallbacks()
    if (nextUs === Number.POSITIVE_INFINITY || this.#immediate !== null) return
    if (hasRun) return this.wake()
    const waitUs = nextUs - monotonicUs()
    const timerMs = Math.floor((waitUs - timerEarlyUs) / 1000)
    if (timerMs >= 1) {
      this.#timer = setTimeout(() => this.wake(), timerMs)
      return
    }
    const sleepUs = this.#computeSleepUs(waitUs)
    if (sleepUs >= shortestSleepUs) Atomics.wait(this.#cell, 0, 0, sleepUs / 1000)
    this.wake()
  }

  #computeSleepUs(waitUs: number): number {
    const whole = this.#wholeUs
    if (whole !== null && waitUs > 0) return whole - overshootUs
    return Math.min(waitUs - overshootUs, this.#work.isBusy() ? busySleepUs : idleSleepUs)
  }
}

/** Returns `null` where no two requests become due within one sleep. */
export function computeFixedSleepUs(intervalUs: number): number | null {
  return intervalUs < busySleepUs ? Math.min(Math.max(batchSize * intervalUs, busySleepUs), longestSleepUs) : null
}

/** Time that the kernel adds to a sleep: the timer slack and the return into the process. */
let overshootUs = 60

/**
 * Linux lets a thread reduce its timer slack from the default of 50 µs (proc_pid_timerslack_ns(5)). Without permission for it, sleeps are
 * merely less exact.
 */
function reduceTimerSlack(): void {
  try {
    writeFileSync('/proc/self/timerslack_ns', '1000')
    overshootUs = 20
  } catch {
    overshootUs = 60
  }
}
