import type { Progress, RunProgress } from '../measure/progress.ts'
import type { LogRecord } from '../model/record.ts'
import type { Verdict } from '../model/result.ts'
import { EventQueue } from './event-queue.ts'

/** What happens while a lab plays a scenario: `record` is a line of the event log, see docs/log-format.md. */
export type LabEvent =
  | { type: 'message'; text: string }
  | { type: 'run-begin'; title: string }
  | { type: 'record'; record: LogRecord }
  | { type: 'run-end'; sentence: string; verdict: Verdict | undefined }

/** Progress as events for its readers; without a reader nothing is kept. */
export class EventChannel implements Progress {
  readonly #queues = new Set<EventQueue<LabEvent>>()
  #isClosed = false

  say(text: string): void {
    this.#emit({ type: 'message', text })
  }

  beginRun(title: string): RunProgress {
    this.#emit({ type: 'run-begin', title })
    return {
      see: (record) => this.#emit({ type: 'record', record }),
      end: (sentence, verdict) => this.#emit({ type: 'run-end', sentence, verdict }),
    }
  }

  close(): void {
    this.#isClosed = true
    for (const queue of this.#queues) queue.close()
    // A reader that has not read to the end holds its queue itself.
    this.#queues.clear()
  }

  /** The events from now on; at the end it throws the reason of `result` where that is rejected. */
  read(result: Promise<unknown>): AsyncGenerator<LabEvent, void, undefined> {
    // A rejection reaches the reader at the end. Until then, while an event is being handled, it must not count as unhandled.
    result.catch(() => undefined)
    // At once: a generator would begin with the first event that is asked for.
    const queue = new EventQueue<LabEvent>()
    if (this.#isClosed) queue.close()
    else this.#queues.add(queue)
    return this.#readQueue(queue, result)
  }

  async *#readQueue(queue: EventQueue<LabEvent>, result: Promise<unknown>): AsyncGenerator<LabEvent, void, undefined> {
    try {
      yield* queue
      await result
    } finally {
      this.#queues.delete(queue)
    }
  }

  #emit(event: LabEvent): void {
    for (const queue of this.#queues) queue.push(event)
  }
}
