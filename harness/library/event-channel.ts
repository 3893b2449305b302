import type { Progress, RunProgress } from '../measure/progress.ts'
import type { LogRecord } from '../model/record.ts'
import type { Verdict } from '../model/result.ts'
import { EventQueue } from './event-queue.ts'

/** Events while a lab plays a scenario: `record` is a line of the event log, see docs/log-format.md. */
export type LabEvent =
  | { type: 'message'; text: string }
  | { type: 'run-begin'; title: string }
  | { type: 'record'; record: LogRecord }
  | { type: 'run-end'; sentence: string; verdict: Verdict | undefined }

/** Passes progress on to its readers as events; without a reader nothing is stored. */
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
    // A reader that has not read to the end keeps its own queue.
    this.#queues.clear()
  }

  /** The events from now on; at the end it throws the rejection of `result`, if any. */
  read(result: Promise<unknown>): AsyncGenerator<LabEvent, void, undefined> {
    // The reader gets a rejection at the end. Until then, while it handles an event, the rejection must not count as unhandled.
    result.catch(() => undefined)
    // Created at once: a generator would only begin when the first event is requested.
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
