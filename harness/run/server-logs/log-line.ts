/** What a line of a server's log can tell. */
import type { AccessLogEntry, ContainerMoment, ServerRole } from '../../model/record.ts'

export interface ServerEvent {
  moment: ContainerMoment
  detail: string | null
}

/** A line of an access log. */
export interface AccessLogLine extends Omit<AccessLogEntry, 'seq' | 'atUs'> {
  /** The request's `x-request-id`, empty where it had none. */
  id: string
  role: ServerRole
}
