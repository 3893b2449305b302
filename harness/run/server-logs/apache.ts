/**
 * Apache httpd's error log at level `notice` in its default `ErrorLogFormat` (server/mpm/prefork/prefork.c, worker/worker.c and
 * event/event.c of 2.4):
 *
 *     [Sun Nov 29 17:25:13.399114 2026] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.71 configured -- resuming normal operations
 *
 * Lines of `common` and `combined` have no id and no duration.
 */
import type { LineParser, ServerEvent } from './log-line.ts'

const noticeLine =
  /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d [\d:.]+ \d{4}\] \[mpm_\w+:notice\] \[pid \d+(?::tid \d+)?\] AH\d{5}: (.+)$/
const restart = /^(SIGUSR1|SIGHUP) received\.|^Graceful restart requested/

const started: ServerEvent = { moment: 'started', detail: null }

/**
 * On TERM Apache logs nothing until its children are gone: that line is its last, and the time of the signal is unknown. On WINCH, the stop
 * signal of the official image, it logs after it has closed its sockets and told its children to; the end has no line.
 */
export function createApacheParser(): LineParser {
  let restarting = false
  return (line) => {
    const text = noticeLine.exec(line)?.[1]
    if (text === undefined) return null
    if (restart.test(text)) restarting = true
    if (text.endsWith(' configured -- resuming normal operations')) {
      // Also logged after a restart.
      const again = restarting
      restarting = false
      return again ? null : started
    }
    if (text === 'caught SIGTERM, shutting down') return { moment: 'exited', detail: null }
    if (text !== 'caught SIGWINCH, shutting down gracefully') return null
    return [
      { moment: 'signal', detail: 'SIGWINCH' },
      { moment: 'stopped-accepting', detail: null },
    ]
  }
}
