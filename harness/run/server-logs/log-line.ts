/** What a line of a server's log can tell. */
import type { AccessLogEntry, ContainerMoment, ServerRole } from '../../model/record.ts'

/** When it was is not asked of the line: the container runtime stamps each line to the µs, servers often to the second. */
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

/** One line may tell of several moments, in their order. */
export type LineMessage = ServerEvent | readonly ServerEvent[] | AccessLogLine

/** Reads the lines of one container in their order, `null` for those that say nothing of interest. */
export type LineParser = (line: string) => LineMessage | null

/** A line that is one JSON object. */
export type JsonLine = Record<string, unknown>
