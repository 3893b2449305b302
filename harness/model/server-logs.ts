/** The conclusions from the servers' own logs: a part of `analysis.json`. */
import type { NetworkCounts, AccessLogEntry, ServerRole } from './record.ts'

/**
 * The fate of a lost request at the servers, by their own logs. `answered`: the server that clients talk to finished it well, so its answer
 * was lost on the way. `failed`: that server logged a failure. `worked`: only the application behind it finished it. `never-seen`: no
 * server had it. `untold`: no log has it, which proves nothing.
 */
export type ServedFate = (typeof servedFates)[number]
export const servedFates = ['answered', 'failed', 'worked', 'never-seen', 'untold'] as const

export interface PodAccessLogEntry extends Omit<AccessLogEntry, 'seq'> {
  pod: string
  container: string
  role: ServerRole
  errorUs: number
}

/** Requests of the workload by the servers' own logs, joined by the request's id. */
export interface ServerLogFindings {
  /** Answered well, and exactly once in the log of the server that clients talk to. */
  answered: number
  /** Answered well, but not in that log although it was read to its end: must be 0. */
  unseen: number
  /** Answered well, but not in that log, which was not read to its end or whose server ended before it could write the line. */
  unread: number
  /** More than once in the logs of the servers that clients talk to: a component on the way has retried them. */
  repeated: number
  /** Answered well by a pod in whose log it is missing, though it is in another pod's: must be 0. */
  elsewhere: number
  /** Lines about requests of the run that a log had but the event log lacks: must be 0. */
  missingLines: number
  /** Answered well after a failure of an upstream that the proxy hid by a retry. */
  hiddenFailures: number
  /** In a log, but sent by no client of this run: must be 0. */
  unexplained: number
  lost: Record<ServedFate, number>
  logs: ServerLogCoverage[]
}

/** Counters of the network namespaces of `pods` pods, including the driver's. */
export interface NetworkTotals extends NetworkCounts {
  pods: number
}

/** How much of a container's log was read; `why` it may have had more lines. */
export interface ServerLogCoverage {
  pod: string
  container: string
  requests: number
  complete: boolean
  why: string | null
}

/** What one container logged about requests around the losses of its pod, in order of time. */
export interface AccessLogExcerpt {
  pod: string
  container: string
  errorUs: number
  lines: ExcerptLine[]
}

export interface ExcerptLine {
  driver: number
  seq: number
  atUs: number
  tookUs: number
  status: number
}
