/** How a measurement reports its progress; its caller decides how to show it. */
import type { LogRecord } from '../model/record.ts'
import type { Verdict } from '../model/result.ts'

export interface RunProgress {
  /** Called with each record of the run's log. */
  see(record: LogRecord): void
  /** Called when the run has ended, with its sentence; without a verdict nothing was judged. */
  end(line: string, verdict?: Verdict): void
}

/** How long things should take, in ms. */
export interface ExpectedTime {
  /** The run that begins. */
  runMs: number
  /** All runs that are planned after it. */
  laterMs: number
}

export interface Progress {
  /** Prints one or more lines that stay. */
  say(line: string): void
  /** `expected` is absent if the end is unknown. */
  beginRun(title: string, expected?: ExpectedTime): RunProgress
}
