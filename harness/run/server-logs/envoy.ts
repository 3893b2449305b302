/**
 * Envoy's application log at level `info` (source/server/server.cc, source/server/listener_manager_impl.cc), and its default access log
 * (source/common/formatter/substitution_formatter.cc), also with the three fields that Istio adds:
 *
 *     [2023-05-20 20:09:22.508][1][warning][main] [source/server/server.cc:976] caught ENVOY_SIGTERM
 *     [%START_TIME%] "…" %RESPONSE_CODE% %RESPONSE_FLAGS% … %DURATION% … "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"
 */
import type { AccessLogLine, LineMessage, ServerEvent } from './log-line.ts'

const logLine = /^\[\d{4}-\d\d-\d\d [\d:.]+\]\[\d+\]\[(?:info|warning)\]\[(?:main|config)\] \[?\S+\.cc:\d+\] (.+)$/
const caught = /^caught (?:ENVOY_)?(SIGTERM|SIGINT)$/
const accessLine =
  /^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] "[^"]*" (\d+) (\S+) (?:\S+ \S+ "[^"]*" )?\d+ \d+ (\d+) \S+ "[^"]*" "[^"]*" "([^"]*)" "[^"]*" "([^"]*)"/

export function parseEnvoyLine(line: string): LineMessage | null {
  const text = logLine.exec(line)?.[1]
  return text === undefined ? parseAccess(line) : parseText(text)
}

/**
 * `shutting down parent after drain` does not concern this process: it ends the previous one 15 minutes after the start, and is logged even
 * without one. Workers stop listening without a line, between `main dispatch loop exited` and `exiting`.
 */
function parseText(text: string): ServerEvent | null {
  if (text === 'all dependencies initialized. starting workers') return { moment: 'started', detail: null }
  if (text === 'exiting') return { moment: 'exited', detail: null }
  const signal = caught.exec(text)?.[1]
  return signal === undefined ? null : { moment: 'signal', detail: signal }
}

/** Flags for an upstream that broke off: a response that had begun then ends too early. */
const upstreamEnds: ReadonlySet<string> = new Set(['UC', 'UR', 'UT', 'UPE'])

function parseAccess(line: string): AccessLogLine | null {
  const [, status, flags, ms, id, upstream] = accessLine.exec(line) ?? []
  if (flags === undefined || id === undefined) return null
  const told = flags.split(',')
  // If the upstream broke off before it answered, Envoy answers 502, 503 or 504 itself, and completely.
  const isCut = told.includes('DC') || (Number(status) < 500 && told.some((flag) => upstreamEnds.has(flag)))
  return {
    role: 'proxy',
    id: id === '-' ? '' : id,
    status: Number(status),
    tookUs: Number(ms) * 1_000,
    upstream: upstream === '-' ? '' : null,
    whole: !isCut,
  }
}
