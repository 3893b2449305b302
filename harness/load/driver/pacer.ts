/**
 * Wakes up when the next request is due, as exactly as an event loop allows.
 *
 * Timers of an event loop are a millisecond coarse. So a timer ends short of the due instant, and the rest is slept in pieces: the
 * thread waits in the kernel for a part of a millisecond, then looks for responses, then sleeps again. A sleep delays
 * the arrival of a response in the record by at most its own length and the kernel's timer slack. What is due is sent in the
 * loop's check phase, right after everything that had arrived was read: a connection whose FIN has arrived is never used.
 *
 * Waking up costs more than sending, on a virtual machine several times as much. Where several requests become due within one sleep,
 * at more than 1 s / `busySleepUs` or 6,667 of them a second, a sleep is never cut short for the next, and it may last until `batchSize` of
 * them are due or `longestSleepUs` have passed: they are sent together, the first of them so much late, which its lag tells.
 */
import { writeFileSync } from 'node:fs'
import { monotonicUs } from '../../base/clock.ts'

/** Longest sleep while responses may arrive, and while none can. */
const busySleepUs = 150
const idleSleepUs = 1000
/** Of a rate at which several requests become due within one sleep: how many may wait for each other, and how long. */
const batchSize = 4
const longestSleepUs = 400
/** Below this a sleep is not worth its system call: the loop just turns. */
const shortestSleepUs = 15
/** A loop timer may be late by its granularity; what is left must be enough for that. */
const timerEarlyUs = 1200

export interface PacerWork {
  /** Sends what is due and returns when it must be called next, µs of the driver's clock; infinite when never again. */
  tick(nowUs: number): number
  /** Whether a response may arrive at any moment. */
  isBusy(): boolean
  /** From one instant to the next, µs. */
  readonly intervalUs: number
}

export class Pacer {
  readonly #work: PacerWork
  readonly #cell = new Int32Array(new SharedArrayBuffer(4))
  /** Where sleeps are not cut short, how long they are. */
  readonly #wholeUs: number | null
  #timer: NodeJS.Timeout | null = null
  #immediate: NodeJS.Immediate | null = null
  #afterSendCallbacks: (() => void)[] = []

  constructor(work: PacerWork) {
    this.#work = work
    this.#wholeUs = computeFixedSleepUs(work.intervalUs)
    reduceTimerSlack()
  }

  /** Calls `tick` as soon as the loop has read what has arrived. */
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
   * Resolves when what was due has just been sent, or nothing is due for a while. What is done then, at once, comes in place of a sleep:
   * at any other time what is due next would wait for the sleep and for that.
   */
  afterSending(): Promise<void> {
    if (this.#immediate === null) return Promise.resolve()
    return new Promise((resolve) => this.#afterSendCallbacks.push(resolve))
  }

  /** Whether there were any. */
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

/** `null` where no two requests become due within one sleep. */
export function computeFixedSleepUs(intervalUs: number): number | null {
  return intervalUs < busySleepUs ? Math.min(Math.max(batchSize * intervalUs, busySleepUs), longestSleepUs) : null
}

/** What the kernel adds to a sleep: the timer slack and the way back into the process. */
let overshootUs = 60

/**
 * Linux lets a thread ask for less timer slack than the 50 µs it is given (proc_pid_timerslack_ns(5)). Where that is not
 * allowed sleeps are merely less exact.
 */
function reduceTimerSlack(): void {
  try {
    writeFileSync('/proc/self/timerslack_ns', '1000')
    overshootUs = 20
  } catch {
    overshootUs = 60
  }
}
