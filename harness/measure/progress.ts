/** How a measurement tells what it is doing; what shows it is up to its caller. */
import type { LogRecord } from '../model/record.ts'

export interface RunProgress {
  /** Each record of the run's log. */
  see(record: LogRecord): void
  /** The run has ended, with this sentence. */
  end(line: string): void
}

export interface Progress {
  /** A line, or a few, that stay. */
  say(line: string): void
  beginRun(title: string): RunProgress
}
