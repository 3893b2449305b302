/**
 * uvicorn's log at level `info` in its own format (uvicorn/server.py, uvicorn/supervisors/multiprocess.py and uvicorn/logging.py of 0.54):
 *
 *     INFO:     Started server process [1]
 *
 * Its access lines, `127.0.0.1:47180 - "GET / HTTP/1.1" 200 OK`, have no id.
 */
import type { LineParser, ServerEvent } from './log-line.ts'

const infoLine = /^INFO: +(.+)$/
const processLine = /^(Started server|Finished server|Started parent|Stopping parent) process \[(\d+)\]$/
const received = /^Received (SIGTERM|SIGINT), exiting\.$/

/**
 * A server closes its sockets with `Shutting down`, a line that does not name its process. With `--workers` the port is open until all
 * workers have logged it. A server without a parent never logs its signal.
 */
export function createUvicornParser(): LineParser {
  let servers = new Set<string>()
  let parent: string | null = null
  let closing = 0

  function startServer(pid: string): null {
    if (parent === null) [servers, closing] = [new Set(), 0]
    servers.add(pid)
    return null
  }

  function finishServer(pid: string): ServerEvent | null {
    if (servers.delete(pid)) closing--
    return parent === null ? { moment: 'exited', detail: null } : null
  }

  function startParent(pid: string): null {
    // The previous process may have been killed without a line.
    ;[servers, parent, closing] = [new Set(), pid, 0]
    return null
  }

  function stopParent(): ServerEvent {
    ;[servers, parent, closing] = [new Set(), null, 0]
    return { moment: 'exited', detail: null }
  }

  const steps: Record<string, (pid: string) => ServerEvent | null> = {
    'Started server': startServer,
    'Finished server': finishServer,
    'Started parent': startParent,
    'Stopping parent': stopParent,
  }

  return (line) => {
    const text = infoLine.exec(line)?.[1]
    if (text === undefined) return null
    const [, step, pid] = processLine.exec(text) ?? []
    if (step !== undefined && pid !== undefined) return steps[step]?.(pid) ?? null
    if (text.startsWith('Uvicorn running on ')) return { moment: 'started', detail: null }
    if (text === 'Shutting down' && servers.size > 0) {
      return ++closing === servers.size ? { moment: 'stopped-accepting', detail: null } : null
    }
    const signal = received.exec(text)?.[1]
    return signal === undefined ? null : { moment: 'signal', detail: signal }
  }
}
