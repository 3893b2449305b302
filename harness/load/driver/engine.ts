/** What sends a load, and the books that it keeps: every request that is taken up is settled once, and none is forgotten. */
import type { NotSentReason, Outcome } from '../../model/record.ts'
import { RecordBuffer } from './record-buffer.ts'
import type { RequestState } from './record-buffer.ts'
import { recordCapacity } from '../service/control-protocol.ts'

export abstract class Engine {
  readonly records: RecordBuffer
  /** Called once, when every request is settled. */
  onDone: () => void = () => {}
  /** Nothing is taken up any more. */
  protected stopping = false
  #startUs = -1
  #planned = 0
  #inFlight = 0
  #done = false

  constructor(capacity: number = recordCapacity) {
    this.records = new RecordBuffer(capacity)
  }

  /** Instants that became due and were dealt with so far; all there are once the engine is done. */
  get planned(): number {
    return this.#planned
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Negative before the start. */
  get startUs(): number {
    return this.#startUs
  }

  get done(): boolean {
    return this.#done
  }

  abstract start(startUs?: number): void
  /** Nothing becomes due after an instant, by default this one; what is in flight finishes or reaches its time limit (law 4). */
  abstract stop(atUs?: number): void

  /** Resolves at a moment at which other work holds the load up least. */
  afterSending(): Promise<void> {
    return Promise.resolve()
  }

  /** False when it had begun before. */
  protected markStarted(startUs: number): boolean {
    if (this.#startUs >= 0) return false
    this.#startUs = startUs
    return true
  }

  /** The place of an instant that has become due, from 0. */
  protected takeNumber(): number {
    return this.#planned++
  }

  protected startRequest(): void {
    this.#inFlight++
  }

  /** Whether the ledger has room for what is in flight and for another. */
  protected get hasRoom(): boolean {
    return this.records.room > this.#inFlight
  }

  protected finishRequest(
    story: RequestState,
    fate: Outcome | NotSentReason,
    atUs: number,
    detail: string | null,
  ): void {
    this.#inFlight--
    this.records.add(story, fate, atUs, detail)
  }

  /** Closes the books, when nothing is in flight; only a fault of the engine itself can make it throw. */
  protected finish(): boolean {
    if (this.#done || this.#inFlight > 0) return false
    if (this.records.settled !== this.#planned) {
      throw new Error(`The ledger does not balance: ${this.#planned} planned, ${this.records.settled} settled`)
    }
    this.#done = true
    return true
  }
}
