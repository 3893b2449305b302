/** The content of a line of a server's log. */
import type { AccessLogEntry, ContainerMoment, ServerRole } from '../../model/record.ts'

/** Without a time: the container runtime stamps each line to the µs, servers often only to the second. */
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

/** One line may contain several moments, in their order. */
export type LineMessage = ServerEvent | readonly ServerEvent[] | AccessLogLine

/** Parses the lines of one container in their order; returns `null` for lines without interest. */
export type LineParser = (line: string) => LineMessage | null

/** A line that is one JSON object. */
export type JsonLine = Record<string, unknown>
