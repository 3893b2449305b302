/** The accounting of a load: every request that becomes due is settled once, and none is forgotten (law 1). */
import { recordCapacity } from '../service/control-protocol.ts'
import { RecordBuffer } from './record-buffer.ts'
import type { RequestState } from './request-state.ts'

export class Accounting {
  readonly records: RecordBuffer
  #planned = 0
  #inFlight = 0
  #isClosed = false

  constructor(capacity: number = recordCapacity) {
    this.records = new RecordBuffer(capacity)
  }

  /** Instants that became due so far; all there are once it is closed. */
  get planned(): number {
    return this.#planned
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Whether every planned request is settled and nothing becomes due any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether there is room for the records of what is in flight and for another. */
  get hasRoom(): boolean {
    return this.records.room > this.#inFlight
  }

  /** Counts an instant that has become due, and returns its number, from 0. */
  plan(): number {
    return this.#planned++
  }

  /** A planned request is on its way. */
  start(): void {
    this.#inFlight++
  }

  /** A request that was on its way has ended. */
  settle(request: RequestState): void {
    this.#inFlight--
    this.records.add(request)
  }

  /** A planned request is not sent. */
  skip(request: RequestState): void {
    this.records.add(request)
  }

  /** Closes it when nothing is in flight, and returns whether it did; only a fault of the engine itself can make it throw. */
  close(): boolean {
    if (this.#isClosed || this.#inFlight > 0) return false
    if (this.records.settled !== this.#planned) {
      throw new Error(`The accounting does not balance: ${this.#planned} planned, ${this.records.settled} settled`)
    }
    this.#isClosed = true
    return true
  }
}
