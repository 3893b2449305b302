import { EventEmitter, on } from 'node:events'
import type { Progress, RunProgress } from '../measure/progress.ts'
import type { LogRecord } from '../model/record.ts'
import type { Verdict } from '../model/result.ts'

/** What happens while a lab plays a scenario: `record` is a line of the event log, see docs/log-format.md. */
export type LabEvent =
  | { type: 'message'; text: string }
  | { type: 'run-begin'; title: string }
  | { type: 'record'; record: LogRecord }
  | { type: 'run-end'; sentence: string; verdict: Verdict | undefined }

/** Progress as events for its readers; without a reader nothing is kept. */
export class EventChannel implements Progress {
  readonly #events = new EventEmitter()
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
    this.#events.emit('close')
  }

  /** The events from now on; at the end it throws the reason of `result` where that is rejected. */
  read(result: Promise<unknown>): AsyncGenerator<LabEvent, void, undefined> {
    // A rejection reaches the reader at the end. Until then, while an event is being handled, it must not count as unhandled.
    result.catch(() => undefined)
    // on() listens at once; a generator would begin with the first event that is asked for.
    return unwrapEvents(this.#isClosed ? [] : on(this.#events, 'event', { close: ['close'] }), result)
  }

  #emit(event: LabEvent): void {
    this.#events.emit('event', event)
  }
}

async function* unwrapEvents(
  events: Iterable<never> | AsyncIterable<unknown>,
  result: Promise<unknown>,
): AsyncGenerator<LabEvent, void, undefined> {
  for await (const event of events) yield (event as [LabEvent])[0]
  await result
}
