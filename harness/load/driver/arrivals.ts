/** When the next request is to be sent: at its place in a schedule, or as soon as fewer than so many are in flight. */
import type { Schedule } from '../../model/load/schedule.ts'

export interface Arrivals {
  /** Begins at an instant of the driver's clock. */
  start(startUs: number): void
  /** When the next request is due; infinite while that depends on those in flight. */
  readonly nextDueUs: number
  /** Takes that request, which is the n-th from 0, and returns when it was due. */
  take(n: number, nowUs: number): number
  /** A request has ended; `unconnected` when no connection came about. */
  onSettled(atUs: number, unconnected: boolean): void
  /** Whether nothing becomes due any more before `endUs`. */
  isOver(nowUs: number, endUs: number): boolean
}

/** An open loop: what becomes of a request changes nothing for those after it. */
export class OpenLoop implements Arrivals {
  readonly #schedule: Schedule
  #startUs = 0
  nextDueUs: number = Number.POSITIVE_INFINITY

  constructor(schedule: Schedule) {
    this.#schedule = schedule
  }

  start(startUs: number): void {
    this.#startUs = startUs
    this.nextDueUs = startUs + this.#schedule.dueUs(this.#schedule.seq(0))
  }

  take(n: number): number {
    const dueUs = this.nextDueUs
    this.nextDueUs = this.#startUs + this.#schedule.dueUs(this.#schedule.seq(n + 1))
    return dueUs
  }

  onSettled(): void {}

  isOver(_: number, endUs: number): boolean {
    return this.nextDueUs > endUs
  }
}

/** A client that was refused tries again after this time, or refusals would be all that it does. */
const backOffUs = 100_000

/** A closed loop: each of so many clients sends its next request as soon as its last one has ended, so none is ever late. */
export class ClosedLoop implements Arrivals {
  /** Clients that may send, and when the others that are not waiting for an answer may, the soonest first. */
  #ready: number
  readonly #resting: number[] = []
  #sinceUs: number = Number.POSITIVE_INFINITY

  constructor(clients: number) {
    this.#ready = clients
  }

  start(startUs: number): void {
    this.#sinceUs = startUs
  }

  get nextDueUs(): number {
    return this.#ready > 0 ? this.#sinceUs : (this.#resting[0] ?? Number.POSITIVE_INFINITY)
  }

  take(_: number, nowUs: number): number {
    if (this.#ready > 0) this.#ready--
    else this.#resting.shift()
    return nowUs
  }

  onSettled(atUs: number, unconnected: boolean): void {
    if (unconnected) this.#resting.push(atUs + backOffUs)
    else this.#ready++
    this.#sinceUs = atUs
  }

  isOver(nowUs: number, endUs: number): boolean {
    return nowUs >= endUs
  }
}
