/**
 * HAProxy's standard error (src/mworker.c and src/proxy.c; with the date before 2.4), and its `option httplog` (src/log.c, section 8.2.3 of
 * the configuration manual):
 *
 *     [WARNING] 224/224307 (2454) : Exiting Master process...
 *     127.0.0.1:39174 [29/Nov/2026:17:34:55.445] web app/s1 0/0/0/6/7 200 182 - - ---- 1/1/0/0/0 0/0 {r-0-7} "GET / HTTP/1.1"
 */
import type { AccessLogLine, LineParser, ServerEvent } from './log-line.ts'

const noticeLine = /^\[(?:NOTICE|WARNING)\] +(?:\d+\/\d+ )?\(\d+\) : (.+)$/
const newWorker = /^(?:New worker (?:#\d+ )?\(\d+\) forked|Initializing new worker \(\d+\))$/
const proxyStopped = /^Proxy (\S+) stopped \(cumulated conns: /

/**
 * A master passes its signal on without naming it. On a reload the old worker stops its proxies too, while the new one already has the
 * port: with a master they count only once it exits. On USR1 all proxies stop at once, so the first one counts. On TERM workers log
 * nothing, and a process without a master logs nothing at all.
 */
function createNoticeParser(): (text: string) => ServerEvent | null {
  let master: 'none' | 'running' | 'reloading' | 'exiting' = 'none'
  let stopped = new Set<string>()

  function stopProxy(name: string): ServerEvent | null {
    if (master === 'running' || master === 'reloading') return null
    // A process stops each proxy once: a second stop is by another process.
    if (stopped.has(name)) stopped = new Set()
    stopped.add(name)
    return stopped.size === 1 ? { moment: 'stopped-accepting', detail: null } : null
  }

  return (text) => {
    const proxy = proxyStopped.exec(text)?.[1]
    if (proxy !== undefined) return stopProxy(proxy)
    if (newWorker.test(text) && master !== 'reloading') [master, stopped] = ['running', new Set()]
    if (text === 'Reloading HAProxy') master = 'reloading'
    if (text === 'Loading success.') {
      const again = master === 'reloading'
      master = 'running'
      return again ? null : { moment: 'started', detail: null }
    }
    if (text === 'Exiting Master process...') {
      master = 'exiting'
      return { moment: 'signal', detail: null }
    }
    return text.startsWith('All workers exited. Exiting...') ? { moment: 'exited', detail: null } : null
  }
}

export function createHaproxyParser(): LineParser {
  const parseNotice = createNoticeParser()
  return (line) => {
    const text = noticeLine.exec(line)?.[1]
    return text === undefined ? parseAccess(line) : parseNotice(text)
  }
}

/** Client, accept date, frontend, backend/server, timers, status, bytes, cookies, termination state, connections, queues, captures. */
const accessLine =
  /^\S+:\d+ \[[^\]]+\] \S+ [^\s/]+\/(\S+) (?:-?\d+\/){4}(\d+) (\d{3}) \d+ \S+ \S+ (\S)(\S)\S\S [\d/+]+ \d+\/\d+ \{([^{}|]*)\} "/

/**
 * The id is the captured header, if there is exactly one. The state says which side ended the session, and in which phase: a response was
 * cut if that was the client, or if data were being sent (D, L).
 */
function parseAccess(line: string): AccessLogLine | null {
  const [, server, ms, status, cause, phase, id] = accessLine.exec(line) ?? []
  if (id === undefined || phase === undefined) return null
  const whole = cause !== 'C' && phase !== 'D' && phase !== 'L'
  const upstream = server === '<NOSRV>' ? '' : null
  return { role: 'proxy', id, status: Number(status), tookUs: Number(ms) * 1_000, upstream, whole }
}
