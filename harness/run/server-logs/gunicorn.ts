/**
 * gunicorn's error log at level `info` (gunicorn/arbiter.py and glogging.py, the same from 20.1 to 27.0):
 *
 *     [2026-01-01 00:00:00 +0000] [7] [INFO] Handling signal: term
 */
import type { AccessLogLine, JsonLine, ServerEvent } from './log-line.ts'

const infoLine = /^\[[^\]]+\] \[\d+\] \[INFO\] (.+)$/
const handled = /^Handling signal: (term|int|quit)$/

/** Parses only lines of the master, which is the process that signals are sent to. */
export function parseGunicornLine(line: string): ServerEvent | null {
  const text = infoLine.exec(line)?.[1]
  if (text === undefined) return null
  if (text.startsWith('Listening at: ')) return { moment: 'started', detail: null }
  if (text === 'Shutting down: Master') return { moment: 'exited', detail: null }
  const signal = handled.exec(text)?.[1]
  return signal === undefined ? null : { moment: 'signal', detail: `SIG${signal.toUpperCase()}` }
}

/** A line in the format of apps/app/gunicorn.conf.py. A request without an id has a dash. */
export function parseGunicornAccess(fields: JsonLine): AccessLogLine | null {
  const { id, status, us } = fields
  if (typeof id !== 'string' || typeof status !== 'number' || typeof us !== 'number') return null
  return { role: 'application', id, status, tookUs: us, upstream: null, whole: true }
}
