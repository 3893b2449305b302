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

/** Progress as events, for those who listen; nothing is kept for others. */
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

  /** What is told from now on; then, where `result` is rejected, its reason is thrown. */
  read(result: Promise<unknown>): AsyncGenerator<LabEvent, void, undefined> {
    // Who iterates gets its rejection at the end: until then, while they are busy with an event, it is not unhandled.
    result.catch(() => undefined)
    // It listens from here on, not only when somebody asks for the first event.
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
