/** What servers say in their logs. Everything that nodrop knows of nginx and gunicorn themselves is in this folder. */
import type { ContainerMoment, ServedLine, ServerRole } from '../../model/record.ts'
import { gunicornAccess, readGunicorn } from './gunicorn.ts'
import { nginxAccess, nginxReader } from './nginx.ts'

export interface Moment {
  moment: ContainerMoment
  detail: string | null
}

/** A line of an access log. */
export interface Access extends Omit<ServedLine, 'seq' | 'atUs'> {
  /** The request's `x-request-id`, empty where it had none. */
  id: string
  role: ServerRole
}

/** Reads the lines of one container in their order, `null` for those that say nothing of interest. */
export type LineReader = (line: string) => Moment | Access | null

/** A reader for a container whose server is not known yet: the lines themselves tell. */
export function lineReader(): LineReader {
  const readNginx = nginxReader()
  return (line) => (line.startsWith('{') ? readAccess(line) : (readNginx(line) ?? readGunicorn(line)))
}

/** Access logs as the images under apps/ are configured: one JSON object for each request. */
function readAccess(line: string): Access | null {
  const fields = objectIn(line)
  const access = fields && (nginxAccess(fields) ?? gunicornAccess(fields))
  return access && isCount(access.status) && isCount(access.tookUs) ? access : null
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function objectIn(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return null
  }
}
