/** What servers say in their logs. Everything that nodrop knows of nginx and gunicorn themselves is in this folder. */
import { parseGunicornAccess, parseGunicornLine } from './gunicorn.ts'
import type { AccessLogLine, ServerEvent } from './log-line.ts'
import { parseNginxAccess, createNginxParser } from './nginx.ts'

/** Reads the lines of one container in their order, `null` for those that say nothing of interest. */
export type LineParser = (line: string) => ServerEvent | AccessLogLine | null

/** A reader for a container whose server is not known yet: the lines themselves tell. */
export function createLineParser(): LineParser {
  const readNginx = createNginxParser()
  return (line) => (line.startsWith('{') ? parseAccess(line) : (readNginx(line) ?? parseGunicornLine(line)))
}

/** Access logs as the images under apps/ are configured: one JSON object for each request. */
function parseAccess(line: string): AccessLogLine | null {
  const fields = parseObject(line)
  const access = fields && (parseNginxAccess(fields) ?? parseGunicornAccess(fields))
  return access && isCount(access.status) && isCount(access.tookUs) ? access : null
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return null
  }
}
