/** When the next request is to be sent: at its place in a schedule, or once fewer requests than the number of clients are in flight. */
import type { Schedule } from '../../model/load/schedule.ts'

export interface Arrivals {
  /** Begins at an instant of the driver's clock. */
  start(startUs: number): void
  /** When the next request is due; infinite while that depends on requests in flight. */
  readonly nextDueUs: number
  /** Takes the next request, number n from 0, and returns when it was due. */
  take(n: number, nowUs: number): number
  /** Called when a request has ended; `unconnected`: its connection could not be opened. */
  onSettled(atUs: number, unconnected: boolean): void
  /** Whether nothing becomes due any more before `endUs`. */
  isOver(nowUs: number, endUs: number): boolean
}

/** An open loop: the outcome of a request has no effect on later ones. */
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

/** Pause of a client whose connection was refused; without it, refusals would be all that it does. */
const backOffUs = 100_000

/** A closed loop: each client sends its next request as soon as its last one has ended, so none is ever late. */
export class ClosedLoop implements Arrivals {
  /** The number of clients that may send now, and when each resting client may, soonest first. */
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
