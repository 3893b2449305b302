/** How a measurement tells what it is doing; what shows it is up to its caller. */
import type { LogRecord } from '../model/record.ts'
import type { Verdict } from '../model/result.ts'

export interface RunProgress {
  /** Each record of the run's log. */
  see(record: LogRecord): void
  /** The run has ended, with this sentence; without a verdict nothing was judged. */
  end(line: string, verdict?: Verdict): void
}

/** How long things are expected to take, in ms. */
export interface ExpectedTime {
  /** The run that begins. */
  runMs: number
  /** Those that are planned after it. */
  laterMs: number
}

export interface Progress {
  /** A line, or a few, that stay. */
  say(line: string): void
  /** `expected` is absent where nobody knows when it ends. */
  beginRun(title: string, expected?: ExpectedTime): RunProgress
}
