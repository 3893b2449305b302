/**
 * nginx's error log at level `notice` (src/os/unix/ngx_process.c and ngx_process_cycle.c of 1.22):
 *
 *     2026/01/01 00:00:00 [notice] 1#1: signal 15 (SIGTERM) received from 0, exiting
 */
import type { AccessLogLine, JsonLine, ServerEvent } from './log-line.ts'

const noticeLine = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[notice\] (\d+)#\d+: (.+)$/
const forked = /^start worker process (\d+)$/
/** Of the signals that nginx handles only these end it. */
const received = /^signal \d+ \((SIGTERM|SIGINT|SIGQUIT)\) received/

/**
 * Only the master's signals and exit are the container's; it passes signals on to its workers, which log them again. The port is open while
 * any worker accepts: on QUIT a worker closes it and logs `gracefully shutting down`, on TERM it closes with `exiting`.
 */
export function createNginxParser(): (line: string) => ServerEvent | null {
  let workers = new Set<string>()
  let accepting = new Set<string>()
  let started = false

  function forget(): void {
    ;[workers, accepting, started] = [new Set(), new Set(), false]
  }

  function parseWorkerLine(pid: string, text: string): ServerEvent | null {
    if (text !== 'gracefully shutting down' && text !== 'exiting') return null
    const last = accepting.delete(pid) && accepting.size === 0
    return last ? { moment: 'stopped-accepting', detail: null } : null
  }

  function parseMasterLine(text: string): ServerEvent | null {
    const worker = forked.exec(text)?.[1]
    if (worker !== undefined) {
      workers.add(worker)
      accepting.add(worker)
      return null
    }
    // ngx_os_status of src/os/unix/ngx_posix_init.c: logged once by each process. The previous one may have been killed without a line.
    if (text.startsWith('nginx/')) forget()
    if (text === 'start worker processes') {
      // After a reload the old workers continue for a while; the server has started once.
      const again = started
      started = true
      return again ? null : { moment: 'started', detail: null }
    }
    const signal = received.exec(text)?.[1]
    if (signal !== undefined) return { moment: 'signal', detail: signal }
    if (text !== 'exit') return null
    forget()
    return { moment: 'exited', detail: null }
  }

  return (line) => {
    const [, pid, text] = noticeLine.exec(line) ?? []
    if (pid === undefined || text === undefined) return null
    return workers.has(pid) ? parseWorkerLine(pid, text) : parseMasterLine(text)
  }
}

/**
 * A line of the format `joinable` in apps/nginx/nginx.conf. `$request_time` counts whole ms; `$upstream_status` lists the status of each
 * upstream that was tried, separated by commas and colons (ngx_http_upstream_module).
 */
export function parseNginxAccess(fields: JsonLine): AccessLogLine | null {
  const { id, status, upstream, seconds, complete } = fields
  if (typeof id !== 'string' || typeof upstream !== 'string' || typeof complete !== 'string') return null
  if (typeof status !== 'number' || typeof seconds !== 'number') return null
  const tookUs = Math.round(seconds * 1e6)
  const asUsual = upstream === String(status)
  return { role: 'proxy', id, status, tookUs, upstream: asUsual ? null : upstream, whole: complete === 'OK' }
}
