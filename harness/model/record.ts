/**
 * What was seen in a run: the records of the event log, one JSON value a line. Those that are JSON objects are in plain-record.ts; the
 * others are too many for that and have a short form of their own.
 *
 * Every time is in µs on the run's monotonic clock, which starts at 0 when the log is opened; `t` is the instant at which
 * the record reached the harness. What a server says of its own clock is kept as a claim and never mixed with these.
 */
import type { Lane } from './plan.ts'
import type { PlainRecord } from './plain-record.ts'
import type { RequestSummary } from './request-summary.ts'

export type {
  ContainerMoment,
  ContainerSnapshot,
  DriverHealth,
  EndpointSnapshot,
  MomentSource,
  NetworkCounts,
  PodSnapshot,
} from './plain-record.ts'

/** What became of one request that was sent. A closed list: every sent request has exactly one. */
export type Outcome = (typeof outcomes)[number]
export const outcomes = [
  'ok',
  'http-4xx',
  'http-5xx',
  'unexpected-status',
  'body-mismatch',
  'refused',
  'unreachable',
  'connect-timeout',
  'dns',
  'tls',
  'closed-before-response',
  'reset-before-response',
  'truncated',
  'reset-in-body',
  'timeout-headers',
  'timeout-body',
  'protocol-error',
  'wrong-target',
  'in-flight',
] as const

/** Why a planned request was never sent; after `driver-lost` nobody knows: its driver ended before it told of it. */
export type NotSentReason = (typeof notSentReasons)[number]
export const notSentReasons = ['overload', 'stopped', 'driver-lost'] as const

/** One planned request and what became of it. Times are µs on the run's clock, `null` where the request never came so far. */
export interface RequestRecord {
  /** Place in the plan, from 0; of several drivers each has its own places. With `driver` it names the request for ever. */
  seq: number
  driver: number
  lane: Lane
  outcome: Outcome | NotSentReason
  dueUs: number
  /** When the request was taken up: its connection was asked for or taken from the pool. */
  sentUs: number | null
  /** When the connection was established; equals `sentUs` on a reused connection. */
  connectedUs: number | null
  firstByteUs: number | null
  /** When the outcome was known: the last byte of a response, or the failure. */
  settledUs: number
  status: number | null
  /** Number of the connection within its driver; `null` when no socket was opened. */
  connection: number | null
  /** 1 for the first request on its connection. */
  use: number
  /** How long the connection had been idle when this request took it; 0 on a new one. */
  idleUs: number
  /** Bytes of the response that arrived, headers included. */
  bytes: number
  /** The pod that answered, as its response says. */
  pod: string | null
  /** The pod that answered before on the same connection. */
  previousPod: string | null
  localPort: number | null
  /** The system's error code or the parser's complaint, for the failure's story. */
  detail: string | null
}

/** `proxy`: clients talk to it, and it asks others. `application`: it does the work. */
export type ServerRole = (typeof serverRoles)[number]
export const serverRoles = ['proxy', 'application'] as const

/** A request as a server's own log has it. The line is written when the request is over for that server, and not before. */
export interface AccessLogEntry {
  seq: number
  /** When the line was written. */
  atUs: number
  /** How long the server had the request. */
  tookUs: number
  status: number
  /** What its upstreams answered, where that is not `status` once: `502, 200` when a second one was asked, empty when none was. */
  upstream: string | null
  /** False where the server says itself that the response did not go out as a whole. */
  whole: boolean
}

export interface ServedRecord {
  type: 'served'
  t: number
  pod: string
  container: string
  role: ServerRole
  /** How far off the times of its lines may be. */
  errorUs: number
  driver: number
  lines: AccessLogEntry[]
}

export type LogRecord =
  | PlainRecord
  | { type: 'request'; request: RequestRecord }
  | { type: 'summary'; summary: RequestSummary }
  /** Requests of the run in the order of a container's log, all of one driver. */
  | ServedRecord
