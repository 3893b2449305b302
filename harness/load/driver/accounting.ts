/** The accounting of a load: each request that becomes due is settled once, and none is forgotten (law 1). */
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

  /** The number of instants that became due so far; final once the accounting is closed. */
  get planned(): number {
    return this.#planned
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Whether every planned request is settled and no more become due. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether there is room for the records of all requests in flight and of one more. */
  get hasRoom(): boolean {
    return this.records.room > this.#inFlight
  }

  /** Counts an instant that has become due and returns its number, from 0. */
  plan(): number {
    return this.#planned++
  }

  /** Counts a planned request as being in flight. */
  start(): void {
    this.#inFlight++
  }

  /** Records a request in flight that has ended. */
  settle(request: RequestState): void {
    this.#inFlight--
    this.records.add(request)
  }

  /** Records a planned request that is not sent. */
  skip(request: RequestState): void {
    this.records.add(request)
  }

  /** Closes the accounting when nothing is in flight; returns whether it did. Throws only on a bug of the engine. */
  close(): boolean {
    if (this.#isClosed || this.#inFlight > 0) return false
    if (this.records.settled !== this.#planned) {
      throw new Error(`The accounting does not balance: ${this.#planned} planned, ${this.records.settled} settled`)
    }
    this.#isClosed = true
    return true
  }
}
