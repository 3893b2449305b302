/** A call or a process that has ended, as one line for `--verbose`. */
import type { Trace } from '../base/tracing.ts'
import { formatDuration } from '../base/figures.ts'
import { withStyle } from './text.ts'
import type { Line } from './text.ts'

/** `api GET /version: 200, 12.3 ms` or `process kind create cluster: exit code 0, 31.2 s`. */
export function formatTrace(trace: Trace): Line {
  const what = trace.kind === 'api' ? `${trace.method} ${trace.path}` : trace.command
  const result =
    trace.kind === 'process' && typeof trace.result === 'number' ? `exit code ${trace.result}` : trace.result
  return withStyle('dim', `${trace.kind} ${what}: ${result}, ${formatDuration(trace.durationMs * 1000)}`)
}
